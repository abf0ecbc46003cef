using System.Runtime.InteropServices;
using System.Threading.Channels;
using Concentrator.Accounting;
using Concentrator.Configuration;
using Concentrator.Configuration.Intakes;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.HandOver;
using Concentrator.Hosting.Status;
using Concentrator.Hosting.Systemd;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Pipeline;
using Concentrator.Queues;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting;

/// <summary>The life of a server, from a loaded configuration to the end of everything it started. Runs once; one caller.</summary>
internal sealed class Server
{
    private readonly RunArguments _arguments;
    private readonly ConfigurationEnvironment _environment;
    private readonly ILogger _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Ledger _ledger;
    private readonly ServerView _view;
    private readonly KeyMask _keys;
    private readonly SystemdNotifier _systemd;

    /// <param name="arguments">Used to read the configuration again at a reload.</param>
    /// <param name="environment">Likewise.</param>
    /// <param name="view">The state that the status pages show.</param>
    /// <param name="keys">Receives the intake keys of each configuration.</param>
    /// <param name="systemd">Receives the state of the service; the caller disposes it.</param>
    /// <param name="log">The server's own log.</param>
    public Server(
        RunArguments arguments, ConfigurationEnvironment environment, ServerView view, KeyMask keys, SystemdNotifier systemd, ILogger log)
    {
        _ledger = view.Ledger;
        _view = view;
        _keys = keys;
        _systemd = systemd;
        _arguments = arguments;
        _environment = environment;
        _log = log;
    }

    /// <summary>
    /// Binds, serves and reloads until stopped or taken over by a successor; then stops, and completes when everything has ended.
    /// </summary>
    /// <param name="result">A valid configuration, read with these arguments.</param>
    /// <param name="logs">Creates the loggers of the status pages.</param>
    /// <param name="stop">Cancelled to stop the server.</param>
    /// <exception cref="AggregateException">Holds a <see cref="BindException"/> for every listener that cannot be bound.</exception>
    /// <exception cref="SpoolException">A spool cannot be used.</exception>
    /// <exception cref="TakeOverException">The running server did not hand its sockets over.</exception>
    public async Task RunAsync(ConfigurationResult result, ILoggerFactory logs, CancellationToken stop)
    {
        // Registered first, because an unhandled SIGHUP would end the process. Signals that arrive during the start or a reload
        // cause one more reload.
        Channel<bool> hangUps = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            hangUps.Writer.TryWrite(true);
        });
        ServerOptions options = result.Options!;
        long began = _time.GetTimestamp();
        _keys.Learn(options);
        _view.Options = options;

        await using ServedPages pages = new(options.Monitoring, _view, logs, _log);

        // In parallel with the first log lines and the opening of the spools, which take as long.
        if (!_arguments.TakeOver) pages.Begin();
        _log.Starting(ProgramVersion.Current.ToString(), options.Listeners.Count, options.Outputs.Count, options.Routes.Count, result.Sources);
        foreach (string warning in options.Warnings) _log.ConfigurationWarning(warning);

        InheritedSockets? taken = _arguments.TakeOver ? TakeOver(options.Spool.Directory) : null;
        using TimerThread timers = new();
        ServiceStatus status = new(_systemd, _view, () => pages.Problem);
        using BacklogWatch backlogs = new(_ledger, timers, _log, status.Tell);
        InheritedSockets inherited = taken ?? ListenDescriptors.Receive(_environment.Variables, _log);

        ServerPipeline pipeline = await ServerPipeline.BindAsync(options, _ledger, _time, _log, inherited).ConfigureAwait(false);
        inherited.EndUnwanted(_log);
        await pipeline.StartAsync().ConfigureAwait(false);
        await pages.ServeAsync(status.Tell).ConfigureAwait(false);
        await using ControlSocket? control = ControlSocket.TryOpen(options.Spool.Directory, _log);
        _view.IsListening = true;

        // A changed file causes a reload, like SIGHUP.
        using IntakesWatch? edits = result.Intakes is { } read
            ? new IntakesWatch(result.Source, read, () => hangUps.Writer.TryWrite(true), _time)
            : null;

        // The timer runs on the thread pool that serves connections and relays, so its running at all is part of the check.
        if (_systemd.WatchdogTime is { } patience) _systemd.StartWatchdog(new LoopWatch(pipeline.Loops, patience, _time, new BlockedThreads()).Look);
        _systemd.Ready();
        status.Serve(options);
        _log.Ready(_time.GetElapsedTime(began));

        Successor? successor = await ServeAsync(pipeline, status, hangUps.Reader, control, stop).ConfigureAwait(false);

        long stopping = _time.GetTimestamp();
        _view.IsListening = false;
        status.Serve(null);
        _systemd.Stopping();
        _log.Stopping(successor is null ? "stop requested" : "handed over", pipeline.ShutdownTimeout);
        if (successor is null)
        {
            await pipeline.StopAsync().ConfigureAwait(false);
        }
        else
        {
            // The successor needs the address of the status pages too. The listeners keep reading while the pages end.
            await pages.DisposeAsync().ConfigureAwait(false);
            await pipeline.HandOverAsync().ConfigureAwait(false);
            successor.Finish();
        }
        foreach (string line in LedgerTable.Lines(_ledger)) _log.LedgerLine(line);
        _log.Stopped(_time.GetElapsedTime(stopping));
    }

    /// <summary>Takes the sockets of the running server and waits for its end; null if no server is running.</summary>
    private InheritedSockets? TakeOver(string directory)
    {
        using Predecessor? predecessor = Predecessor.Find(directory);
        if (predecessor is null)
        {
            _log.NobodyToTakeOverFrom(ControlSocket.PathIn(directory));
            return null;
        }
        InheritedSockets sockets = predecessor.Take();
        _log.TakingOver(sockets.Count, predecessor.Pid);
        predecessor.WaitUntilGone();
        return sockets;
    }

    /// <summary>Reloads at each SIGHUP until stopped (null) or taken over by a successor.</summary>
    private async Task<Successor?> ServeAsync(
        ServerPipeline pipeline, ServiceStatus status, ChannelReader<bool> hangUps, ControlSocket? control, CancellationToken stop)
    {
        Channel<Successor> nobody = Channel.CreateBounded<Successor>(1);
        ChannelReader<Successor> successors = control?.Successors ?? nobody.Reader;
        try
        {
            while (true)
            {
                // Cancelling ends the wait that did not complete; it has taken nothing from its channel.
                using CancellationTokenSource round = CancellationTokenSource.CreateLinkedTokenSource(stop);
                await Task.WhenAny(hangUps.WaitToReadAsync(round.Token).AsTask(), successors.WaitToReadAsync(round.Token).AsTask())
                    .ConfigureAwait(false);
                await round.CancelAsync().ConfigureAwait(false);
                stop.ThrowIfCancellationRequested();
                if (hangUps.TryRead(out _))
                {
                    _systemd.Reloading();
                    pipeline.Reopen();
                    await ReloadOrSayAsync(pipeline, status).ConfigureAwait(false);
                    _systemd.Ready();
                }
                if (successors.TryRead(out Successor? successor) && await HandOverAsync(pipeline, successor).ConfigureAwait(false)) return successor;
            }
        }
        catch (OperationCanceledException)
        {
            // Expected: the signal to stop.
            return null;
        }
    }

    private async Task<bool> HandOverAsync(ServerPipeline pipeline, Successor successor)
    {
        IReadOnlyList<BoundListener> listeners = pipeline.Offer();
        _log.HandingOver(listeners.Count, successor.Pid);
        return await successor.OfferAsync(listeners, pipeline.ShutdownTimeout).ConfigureAwait(false);
    }

    /// <summary>
    /// An unexpected exception, in a loader or at a bind, fails the reload and not the server, which stays as far as the reload got.
    /// </summary>
    private async Task ReloadOrSayAsync(ServerPipeline pipeline, ServiceStatus status)
    {
        try
        {
            await ReloadAsync(pipeline, status).ConfigureAwait(false);
        }
        catch (Exception unforeseen)
        {
            _log.ReloadFailed(unforeseen);
        }
    }

    private async Task ReloadAsync(ServerPipeline pipeline, ServiceStatus status)
    {
        ConfigurationResult result = ConfigurationLoader.Load(_arguments.ConfigFile, _arguments.Overrides, _environment, _arguments.IntakesFile);
        if (!result.IsValid)
        {
            foreach (ConfigurationError wrong in result.Errors) _log.ConfigurationProblem(wrong.ToString());
            _log.ReloadRefused(result.Errors.Count);
            return;
        }
        _keys.Learn(result.Options);
        foreach (string warning in result.Options.Warnings) _log.ConfigurationWarning(warning);
        if (!await pipeline.ReloadAsync(result.Options).ConfigureAwait(false)) return;

        // A change of these two takes effect only at a restart.
        status.Serve(result.Options with { Spool = _view.Options!.Spool, Monitoring = _view.Options.Monitoring });
        _log.ReloadDone(result.Options.Listeners.Count, result.Options.Outputs.Count, result.Options.Routes.Count);
    }
}
