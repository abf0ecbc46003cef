using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Bench.Sink;

namespace Concentrator.Bench.Footprint;

/// <summary>Compares the same traffic over one TCP connection and over many, beside further idle ones.</summary>
internal sealed record ManyConnections
{
    public required int Connections { get; init; }

    public required int Active { get; init; }

    /// <summary>In messages per second.</summary>
    public required double RateOverOne { get; init; }

    public required double RateOverMany { get; init; }

    /// <summary>Peak resident memory in bytes per connection.</summary>
    public required double MemoryPerConnection { get; init; }

    public required long Missing { get; init; }

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public static ManyConnections Measure(
        RunningServer server, SinkServer sink, int connections, int active, TimeSpan length, CancellationToken stop)
    {
        // A discarded run, because the server compiles its code in the first seconds.
        Rate(server, sink, 1, length, stop);
        server.ForgetPeak();
        (double one, long missing) = Rate(server, sink, 1, length, stop);
        long before = server.PeakMemory;

        Socket[] idle = new Socket[connections - active];
        try
        {
            for (int i = 0; i < idle.Length; i++)
            {
                idle[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

                // From several addresses, because each may have a thousand connections (MaxConnectionsPerAddress).
                idle[i].Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(1 + (i / 100))]), 0));
                idle[i].Connect(IPAddress.Loopback, server.TcpPort);
            }
            server.ForgetPeak();
            (double many, long missingOfMany) = Rate(server, sink, active, length, stop);
            return new ManyConnections
            {
                Connections = connections,
                Active = active,
                RateOverOne = one,
                RateOverMany = many,
                MemoryPerConnection = (server.PeakMemory - before) / (double)connections,
                Missing = missing + missingOfMany,
            };
        }
        catch (SocketException e)
        {
            throw new UnusableException($"cannot open {connections} connections: {e.Message}");
        }
        finally
        {
            foreach (Socket? socket in idle) socket?.Dispose();
        }
    }

    private static (double Rate, long Missing) Rate(RunningServer server, SinkServer sink, int active, TimeSpan length, CancellationToken stop)
    {
        SinkTally tally = sink.Tally = new SinkTally(0, active);
        LoadResult sent = server.Send(0, 0, length, sender: 0, stop, active);
        SinkCount count = Arrival.Await(tally, sent.Sent, Quiet, stop);
        return (count.Distinct / Stopwatch.GetElapsedTime(sent.BeganAt, count.LastArrival).TotalSeconds, sent.Sent - count.Distinct);
    }
}
