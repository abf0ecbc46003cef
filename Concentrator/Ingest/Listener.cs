using System.Net;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Ingest.Paths;
using Concentrator.Ingest.Sockets;
using Concentrator.Queues;
using Concentrator.Queues.CrashSafe;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest;

/// <summary>What every listener needs of its surroundings.</summary>
internal sealed record IngestContext(
    Ledger Ledger, RunningLoops Loops, BackPressure BackPressure, CrashSafeMemory Memory, ILogger Log, TimeProvider Time)
{
    /// <summary>Stands in where a local message names no host.</summary>
    public HostName Host { get; init; } = new();

    /// <summary>Whether settings of the whole machine (<c>DatagramQueueLength</c>) may be raised. Default true.</summary>
    public bool MayTuneKernel { get; init; } = true;

    /// <summary>Keeps the paths of unix sockets ours. The listeners' to end, before the last of them.</summary>
    public PathWatch Paths { get; } = new(Log);

    /// <summary>What was bound for us before we began.</summary>
    public InheritedSockets Inherited { get; init; } = InheritedSockets.None;
}

/// <summary>
/// A bound socket and what reads it. Life: bound (nothing is read yet, the kernel queues), <see cref="Claim"/>,
/// <see cref="Start"/>, <see cref="StopAsync"/>, once each.
/// </summary>
internal abstract class Listener
{
    private readonly IngestContext _context;

    protected Listener(ListenerOptions options, IngestContext context)
    {
        _context = context;
        Options = options;
        Counters = context.Ledger.Listener(options.Name);
        Routes = new ListenerRoutes(() => context.Log.Unrouted(options.Name));
    }

    public ListenerOptions Options { get; }

    /// <summary>Where this listener's messages may go; may be replaced at any time.</summary>
    public ListenerRoutes Routes { get; }

    /// <summary>The socket, from the bind to the end.</summary>
    public abstract BoundSocket Socket { get; }

    /// <summary>The address in fact bound, where it is a network one: tells the port chosen for port 0.</summary>
    public EndPoint? BoundEndPoint => Socket.NetworkEndPoint;

    protected ListenerCounters Counters { get; }

    /// <summary>Takes the unix path, where there is one; not to be called before everything else is bound.</summary>
    /// <exception cref="BindException">The system refuses.</exception>
    public void Claim() => Socket.Claim();

    /// <summary>The path to be watched from the start on; null where there is none.</summary>
    public WatchedPath? TryWatchPath() =>
        Options.Address.Path is not null ? new WatchedPath(Options, Socket, Counters, _context.Time, _context.Log) : null;

    public abstract void Start();

    /// <summary>Stops reading, and completes when everything that was read has been queued; bounded by about twice the timeout.</summary>
    public abstract Task StopAsync(TimeSpan timeout);

    /// <summary>Gives a listener back that was bound and never started.</summary>
    public abstract Task DiscardAsync();

    /// <summary>The address as the configuration writes it, with the port in fact bound.</summary>
    public string Describe() => BoundEndPoint is IPEndPoint bound
        ? new ListenAddress(Options.Address.Transport, null, bound).ToString()
        : Options.Address.ToString();

    protected IngestLane NewLane() => new(Options, Counters, Routes, _context.Time);
}
