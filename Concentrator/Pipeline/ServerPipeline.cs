using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest;
using Concentrator.Ingest.Sockets;
using Concentrator.Ingest.Statistics;
using Concentrator.Ingest.Streams;
using Concentrator.Queues;
using Concentrator.Queues.CrashSafe;
using Concentrator.Queues.Totals;
using Concentrator.Routing;
using Concentrator.Taps;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Pipeline;

/// <summary>
/// Builds the stages of the running server, starts them back to front and stops them front to back.
/// <para>
/// The journey of a message; the code repeats these numbers where each step happens.
/// </para>
/// <list type="number">
/// <item>A datagram reader (one thread a socket) or a stream connection receives a batch (Ingest).</item>
/// <item>Framing: a datagram is a frame; a stream is octet-counted or its messages end with LF or NUL (Ingest, Messages).</item>
/// <item>The parser turns the frame into a <see cref="Messages.SyslogMessage"/>: views, no copy (Messages).</item>
/// <item>Routing decides the outputs (Routing).</item>
/// <item>The message is rendered once per output, straight into the output's current block (Routing, Messages, Queues).</item>
/// <item>A full or awaited block is queued in that output's spool (Queues).</item>
/// <item>The target takes blocks in order and writes each whole (Targets).</item>
/// <item>Data acknowledged by the peer or written to the file is settled: counted, and its block freed (Targets, Queues).</item>
/// </list>
/// One caller at a time.
/// </summary>
internal sealed class ServerPipeline
{
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CrashSafeMemory _memory;
    private readonly StreamMemory _streamMemory;
    private readonly HostName _host = new();
    private readonly ConnectionAllowance _connections = ConnectionAllowance.OfThisProcess();
    private readonly ListenerSet _listeners;
    private readonly TargetSet _targets;
    private readonly StatisticsFeed _statistics;
    private ServerOptions _options;

    private ServerPipeline(ServerOptions options, Ledger ledger, TimeProvider time, ILogger log, InheritedSockets inherited, bool mayTuneKernel)
    {
        WhenFullBarrier backPressure = new(time);
        _options = options;
        _time = time;
        _log = log;
        _memory = CrashSafeMemory.Open(options.Spool, Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY"), log);
        _targets = new TargetSet(new OutputQueues(options.Spool, _memory, backPressure, ledger, Loops, time, log), Loops, time, log);
        _statistics = new StatisticsFeed(ledger, _host, time);
        _streamMemory = new StreamMemory(options.Streams.MaxMemory, log);
        IngestContext ingest = new(ledger, Loops, backPressure, _memory, log, time)
        {
            Host = _host,
            Inherited = inherited,
            MayTuneKernel = mayTuneKernel,
            Taps = Taps,
            Totals = new TotalsFolder(options.Spool, time, log),
        };
        _listeners = new ListenerSet(ingest, new StreamContext(time, Loops) { Memory = _streamMemory, Connections = _connections });
    }

    public IEnumerable<Listener> Listeners => _listeners.Running;

    /// <summary>Every loop that a message passes through. Any thread may read it.</summary>
    public RunningLoops Loops { get; } = new();

    /// <summary>Where messages are watched. Any thread may use it.</summary>
    public TapPoint Taps { get; } = new();

    /// <summary>Opens every spool and binds every listener. Nothing is read yet; the kernel queues.</summary>
    /// <param name="inherited">Sockets bound before this process began; null = none.</param>
    /// <param name="mayTuneKernel">False leaves the host's kernel settings unchanged.</param>
    /// <exception cref="AggregateException">A <see cref="BindException"/> per listener that cannot be bound. None stays bound.</exception>
    /// <exception cref="SpoolException">A spool cannot be used. Nothing is left bound.</exception>
    public static async Task<ServerPipeline> BindAsync(
        ServerOptions options, Ledger ledger, TimeProvider time, ILogger log, InheritedSockets? inherited = null, bool mayTuneKernel = true)
    {
        options = ExistingFileFormat.Settle(options, null, (file, holder) => SayFormat(log, file, holder));
        ServerPipeline pipeline = new(options, ledger, time, log, inherited ?? InheritedSockets.None, mayTuneKernel);
        try
        {
            await pipeline.StageAsync(options).ConfigureAwait(false);
            return pipeline;
        }
        catch
        {
            pipeline._memory.Dispose();
            throw;
        }
    }

    /// <summary>Starts targets, then routes and listeners, so that everything received has somewhere to go.</summary>
    public async Task StartAsync()
    {
        AdaptConnections(_options);
        await _targets.ChangeAsync(_options.Outputs).ConfigureAwait(false);
        await _listeners.CommitAsync(_options.Listeners, TablesFor(_options), _options.ShutdownTimeout).ConfigureAwait(false);
        FeedStatistics(_options);
    }

    /// <summary>On SIGHUP: closes files, opens them again by name, and reads this host's name again.</summary>
    public void Reopen()
    {
        _host.ReadAgain();
        _targets.Reopen();
    }

    /// <summary>
    /// Switches to other options; unchanged parts continue undisturbed. Returns false and changes nothing if a new
    /// listener cannot be bound or a new output cannot open its spool.
    /// </summary>
    public async Task<bool> ReloadAsync(ServerOptions next)
    {
        next = ExistingFileFormat.Settle(next, _options, (file, holder) => SayFormat(_log, file, holder));
        try
        {
            await StageAsync(next).ConfigureAwait(false);
        }
        catch (SpoolException refused)
        {
            _log.ConfigurationProblem(refused.Message);
            _log.ReloadRefused(1);
            return false;
        }
        catch (AggregateException refused)
        {
            foreach (Exception reason in refused.InnerExceptions) _log.ConfigurationProblem(reason.Message);
            _log.ReloadRefused(refused.InnerExceptions.Count);
            return false;
        }
        if (next.Spool != _options.Spool || !Equals(next.Monitoring, _options.Monitoring) || !Equals(next.Otlp, _options.Otlp)) _log.NeedsRestart();
        AdaptConnections(next);
        await _targets.ChangeAsync(next.Outputs).ConfigureAwait(false);
        await _listeners.CommitAsync(next.Listeners, TablesFor(next), next.ShutdownTimeout).ConfigureAwait(false);
        FeedStatistics(next);
        await _targets.RetireAsync(next.ShutdownTimeout).ConfigureAwait(false);
        _streamMemory.Most = next.Streams.MaxMemory;
        _options = next;
        return true;
    }

    /// <summary>How long a stop may take.</summary>
    public TimeSpan ShutdownTimeout => _options.ShutdownTimeout;

    /// <summary>The sockets that a successor may take over; this process keeps them until <see cref="HandOverAsync"/>.</summary>
    public IReadOnlyList<ListenerSocket> Offer() => _listeners.Offer();

    /// <summary>
    /// Stops reading, queues what was read, and delivers what is queued, all within <see cref="ServerOptions.ShutdownTimeout"/>.
    /// </summary>
    public Task StopAsync() => StopAsync(inHaste: false);

    /// <summary>
    /// Called when a successor has the sockets and waits for the spools: stops reading and leaves to the successor everything that
    /// is or can be stored on disk.
    /// </summary>
    public Task HandOverAsync()
    {
        _listeners.HandOver();
        return StopAsync(inHaste: true);
    }

    private async Task StopAsync(bool inHaste)
    {
        long began = _time.GetTimestamp();
        _statistics.Dispose();
        await _listeners.StopAsync(_options.ShutdownTimeout / 2).ConfigureAwait(false);
        TimeSpan rest = _options.ShutdownTimeout - LastSteps(_options.ShutdownTimeout) - _time.GetElapsedTime(began);
        await _targets.StopAsync(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, inHaste).ConfigureAwait(false);
        _memory.Dispose();
    }

    /// <summary>Time reserved for the end of a stop: checkpoints, the last log lines, the status pages.</summary>
    private static TimeSpan LastSteps(TimeSpan timeout) => timeout < TimeSpan.FromSeconds(10) ? timeout / 10 : TimeSpan.FromSeconds(1);

    private async Task StageAsync(ServerOptions options)
    {
        _targets.Stage(options.Outputs);
        try
        {
            await _listeners.StageAsync(options.Listeners).ConfigureAwait(false);
        }
        catch
        {
            _targets.Discard();
            throw;
        }
    }

    /// <summary>Adapts the limits to the system; logs a warning if it allows fewer connections than the configuration does.</summary>
    private void AdaptConnections(ServerOptions options)
    {
        _connections.Adapt(options);
        long allowed = options.Listeners.Where(static l => l.Address.IsStream).Sum(static l => (long)l.MaxConnections);
        if (allowed > _connections.Most) _log.FewDescriptors(_connections.Descriptors, _connections.Most, allowed);
    }

    private void FeedStatistics(ServerOptions options) => _statistics.Change(options, options.Statistics is { To: var outputs }
        ? new RouteCompiler(options, _targets.Fronts).TableTo(nameof(ServerOptions.Statistics), outputs)
        : RouteTable.Empty);

    private static void SayFormat(ILogger log, FileOutputOptions file, string? holder)
    {
        string format = file.Format.ToString()!.ToLowerInvariant();
        if (holder is null) log.FileFormatDefault(file.Name, format);
        else log.FileFormatFound(file.Name, format, holder);
    }

    private Func<string, RouteTable> TablesFor(ServerOptions options) => new RouteCompiler(options, _targets.Fronts).TableFor;
}
