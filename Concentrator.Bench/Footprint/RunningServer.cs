using System.Net;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Capacity;
using Concentrator.Bench.Compare;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Footprint;

/// <summary>The server running as HAProxy's log receiver, and traffic for it.</summary>
internal sealed class RunningServer : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly TrialPlace _place;
    private readonly int _monitoring;
    private readonly int _size;
    private readonly int _batch;
    private readonly ChildProcess _process;

    /// <exception cref="UnusableException">The server does not start.</exception>
    public RunningServer(ConcentratorSubject subject, TrialPlace place, int monitoring, int size, int batch)
    {
        _place = place;
        _monitoring = monitoring;
        _size = size;
        _batch = batch;
        _process = subject.Start(place);
        _process.WaitUntilReadyOrDispose(
            () => File.Exists(place.Socket) && FreePort.IsListening(monitoring), Limit, "the server does not start", this);
    }

    public int Pid => _process.Pid;

    public int TcpPort => _place.TcpPort;

    public long Memory => ProcessStatistics.Memory(Pid);

    public long PeakMemory => ProcessStatistics.PeakMemory(Pid);

    public void ForgetPeak() => ProcessStatistics.ForgetPeak(Pid);

    public Metrics Metrics() => Capacity.Metrics.Read(_monitoring);

    /// <summary>Sends over the unix socket, or over that many TCP connections, until done or cancelled.</summary>
    /// <exception cref="UnusableException">The server does not accept the traffic.</exception>
    public LoadResult Send(double rate, long count, TimeSpan length, ushort sender, CancellationToken stop, int tcpConnections = 0)
    {
        bool isTcp = tcpConnections > 0;
        LoadPlan plan = new()
        {
            Transport = isTcp ? Transport.Tcp : Transport.UnixDatagram,
            Target = isTcp ? new IPEndPoint(IPAddress.Loopback, TcpPort) : new UnixDomainSocketEndPoint(_place.Socket),
            Messages = [HttpLine.Create(isTcp ? LoadFormat.Rfc5424 : LoadFormat.Local, _size)],
            Rate = rate > 0 ? RateRange.Steady(rate) : default,
            Count = count,
            Duration = length,
            Connections = Math.Max(1, tcpConnections),
            Batch = _batch,
            FirstSender = sender,
        };
        using LoadRun run = new(plan);
        LoadResult result = run.Run(stop);
        if (_process.HasExited) throw new UnusableException(_process.Describe());
        return result.Failure is null ? result : throw new UnusableException(result.Failure);
    }

    public void Dispose()
    {
        _process.Terminate(StopLimit);
        _process.Dispose();
    }
}
