using System.Diagnostics;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Native;

namespace Concentrator.Bench.Haproxy;

/// <summary>
/// Sends HTTP requests at a fixed rate over keep-alive connections in turn. Open loop: each request is sent when it is due, even if earlier
/// ones are unanswered. Not thread-safe.
/// </summary>
internal sealed class RequestDriver : IDisposable
{
    public const int Connections = 32;

    private readonly List<KeepAliveConnection> _connections = [];

    /// <param name="port">A port on 127.0.0.1.</param>
    /// <exception cref="UnusableException">Nothing listens there.</exception>
    public RequestDriver(int port)
    {
        try
        {
            for (int i = 0; i < Connections; i++) _connections.Add(new KeepAliveConnection(port));
        }
        catch (SocketException e)
        {
            Dispose();
            throw new UnusableException($"cannot connect to haproxy: {e.Message}");
        }
    }

    /// <summary>Returns the number of answered requests, after all have been answered.</summary>
    /// <param name="sender">The sender number of the stamps in the requests' paths.</param>
    /// <exception cref="UnusableException">A connection ends, or an answer is not 200.</exception>
    public long Send(RateRange rate, TimeSpan length, ushort sender, CancellationToken stop)
    {
        ProcessorClock.WakeOnTime();
        Pace pace = new(rate, length, burst: 1);
        uint number = 0;
        try
        {
            long began = Stopwatch.GetTimestamp();
            while (!stop.IsCancellationRequested)
            {
                TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
                if (elapsed >= length) break;
                if (number >= pace.Due(elapsed))
                {
                    ClockCalls.Sleep(pace.UntilNext(elapsed, number));
                    continue;
                }
                _connections[(int)(number % Connections)].Send(new SendStamp(sender, number, Stopwatch.GetTimestamp()));
                number++;
            }
            foreach (KeepAliveConnection connection in _connections) connection.Finish();
        }
        catch (SocketException e)
        {
            throw new UnusableException($"the connection to haproxy has ended: {e.Message}");
        }
        return number;
    }

    public void Dispose()
    {
        foreach (KeepAliveConnection connection in _connections) connection.Dispose();
    }
}
