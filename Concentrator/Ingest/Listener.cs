using System.Net;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Ingest.SocketPaths;
using Concentrator.Ingest.Sockets;
using Concentrator.Queues;
using Concentrator.Queues.CrashSafe;
using Concentrator.Queues.Totals;
using Concentrator.Routing;
using Concentrator.Taps;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest;

/// <summary>The services that every listener uses.</summary>
internal sealed record IngestContext(
    Ledger Ledger, RunningLoops Loops, WhenFullBarrier WhenFullBarrier, CrashSafeMemory Memory, ILogger Log, TimeProvider Time)
{
    /// <summary>Replaces the host name where a local message has none.</summary>
    public HostName Host { get; init; } = new();

    /// <summary>Whether system-wide settings (<c>DatagramQueueLength</c>) may be raised. Default true.</summary>
    public bool MayTuneKernel { get; init; } = true;

    /// <summary>Keeps the paths of unix sockets ours. The listeners end it, before the last of them ends.</summary>
    public PathWatch Paths { get; } = new(Log);

    /// <summary>Where messages are watched.</summary>
    public TapPoint Taps { get; init; } = new();

    /// <summary>Where totals are kept that outlive the process.</summary>
    public TotalsFolder Totals { get; init; } = new(null, Time, Log);

    /// <summary>Sockets that were bound for this server before it started.</summary>
    public InheritedSockets Inherited { get; init; } = InheritedSockets.None;
}

/// <summary>
/// A source of messages: a bound socket and its reader, or a client that fetches. Life: bound (nothing is read yet, the kernel queues), <see cref="Claim"/>,
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

    /// <summary>The routes of this listener's messages; may be replaced at any time.</summary>
    public ListenerRoutes Routes { get; }

    /// <summary>The socket, valid from the bind to the end; null for one that fetches.</summary>
    public abstract BoundSocket? Socket { get; }

    /// <summary>The network address actually bound, with the port chosen for port 0; null for a unix socket, and without a socket.</summary>
    public EndPoint? BoundEndPoint => Socket?.NetworkEndPoint;

    protected ListenerCounters Counters { get; }

    /// <summary>Takes the unix path, if there is one. Call it only after everything else is bound.</summary>
    /// <exception cref="BindException">The system refuses.</exception>
    public void Claim() => Socket?.Claim();

    /// <summary>The path to watch once the listener starts; null if it has none.</summary>
    public WatchedPath? TryWatchPath() =>
        Options.Address.Path is not null && Socket is not null ? new WatchedPath(Options, Socket, Counters, _context.Time, _context.Log) : null;

    public abstract void Start();

    /// <summary>Stops reading, and completes when everything that was read has been queued; bounded by about twice the timeout.</summary>
    public abstract Task StopAsync(TimeSpan timeout);

    /// <summary>Releases a listener that was bound and never started.</summary>
    public abstract Task DiscardAsync();

    /// <summary>The address in the configuration's notation, with the port actually bound.</summary>
    public string Describe() => BoundEndPoint is IPEndPoint bound
        ? new ListenAddress(Options.Address.Transport, null, bound).ToString()
        : Options.Address.ToString();

    protected IngestLane NewLane() => new(Options, Counters, Routes, _context.Time, _context.Taps);
}
