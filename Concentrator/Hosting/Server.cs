using System.Threading.Channels;
using Concentrator.Accounting;
using Concentrator.Configuration;
using Concentrator.Configuration.Intakes;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.HandOver;
using Concentrator.Hosting.Senders;
using Concentrator.Hosting.Status;
using Concentrator.Hosting.Systemd;
using Concentrator.Hosting.Views;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Pipeline;
using Concentrator.Queues;
using Concentrator.Taps;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Metrics;
using Concentrator.Telemetry.Push;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting;

/// <summary>The life of a server, from a loaded configuration to the end of everything it started. Runs once; one caller.</summary>
/// <param name="arguments">Used to read the configuration again at a reload.</param>
/// <param name="environment">Likewise.</param>
/// <param name="view">The state that the status pages show.</param>
/// <param name="keys">Receives the intake keys of each configuration.</param>
/// <param name="systemd">Receives the state of the service; the caller disposes it.</param>
/// <param name="log">The server's own log.</param>
internal sealed class Server(
    RunArguments arguments, ConfigurationEnvironment environment, ServerView view, KeyMask keys, SystemdNotifier systemd, ILogger log)
{
    private readonly TimeProvider _time = TimeProvider.System;

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
        // First: the signal may come at any time.
        using Sighup sighup = new();
        ServerOptions options = result.Options!;
        long began = _time.GetTimestamp();
        keys.Learn(options);
        view.Options = options;

        using ServerMetrics metrics = new(view.Ledger);
        await using ServedPages pages = new(options.Monitoring, view, metrics, logs, log);

        // In parallel with the first log lines and the opening of the spools, which take as long.
        if (!arguments.TakeOver) pages.Begin();
        log.Starting(ProgramVersion.Current.ToString(), options.Listeners.Count, options.Outputs.Count, options.Routes.Count, result.Sources);
        foreach (string warning in options.Warnings) log.ConfigurationWarning(warning);

        InheritedSockets? taken = arguments.TakeOver ? TakeOver(options.Spool.Directory) : null;
        using TimerThread timers = new();
        ServiceStatus status = new(systemd, view, () => pages.Problem);
        using BacklogWatch backlogs = new(view.Ledger, timers, log, () =>
        {
            status.Tell();
            view.History.Look();
        });
        InheritedSockets inherited = taken ?? SocketActivation.Receive(environment.Variables, log);

        ServerPipeline pipeline = await ServerPipeline.BindAsync(options, view.Ledger, _time, log, inherited).ConfigureAwait(false);
        inherited.EndUnwanted(log);
        await pipeline.StartAsync().ConfigureAwait(false);
        await pages.ServeAsync(status.Tell).ConfigureAwait(false);
        using TapService taps = new(pipeline.Taps, view.Ledger, keys, () => view.Options!, _time, log);
        await using ControlSocket? control = ControlSocket.TryOpen(options.Spool.Directory, taps, log);
        using OtlpPush? push = options.Otlp is { } otlp ? new OtlpPush(otlp, metrics, log) : null;
        view.IsListening = true;
        await using StatsSocketPoll drops = new(view, timers, log, new StatsSocketSearch());

        // A changed file causes a reload, like SIGHUP.
        using IntakesWatch? edits = result.Intakes is { } read
            ? new IntakesWatch(result.Source, read, sighup.Raise, _time)
            : null;

        // The timer runs on the thread pool that serves connections and relays, so its running at all is part of the check.
        if (systemd.WatchdogTime is { } patience) systemd.StartWatchdog(new LoopWatch(pipeline.Loops, patience, _time, new BlockedThreads()).Look);
        systemd.Ready();
        status.Serve(options);
        log.Ready(_time.GetElapsedTime(began));

        Reload reload = new(arguments, environment, pipeline, view, keys, status, systemd, log);
        TakeOverRequest? successor = await ServeAsync(pipeline, sighup, reload, control, stop).ConfigureAwait(false);

        long stopping = _time.GetTimestamp();
        view.IsListening = false;
        status.Serve(null);
        systemd.Stopping();
        log.Stopping(successor is null ? "stop requested" : "handed over", pipeline.ShutdownTimeout);
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
        taps.Dispose();
        foreach (string line in LedgerTable.Lines(view.Ledger)) log.LedgerLine(line);
        log.Stopped(_time.GetElapsedTime(stopping));
    }

    /// <summary>Takes the sockets of the running server and waits for its end; null if no server is running.</summary>
    private InheritedSockets? TakeOver(string directory)
    {
        using TakeOverClient? predecessor = TakeOverClient.Find(directory);
        if (predecessor is null)
        {
            log.NobodyToTakeOverFrom(ControlSocket.PathIn(directory));
            return null;
        }
        InheritedSockets sockets = predecessor.Take();
        log.TakingOver(sockets.Count, predecessor.Pid);
        predecessor.WaitUntilGone();
        return sockets;
    }

    /// <summary>Reloads at each SIGHUP until stopped (null) or taken over by a successor.</summary>
    private async Task<TakeOverRequest?> ServeAsync(
        ServerPipeline pipeline, Sighup sighup, Reload reload, ControlSocket? control, CancellationToken stop)
    {
        Channel<TakeOverRequest> nobody = Channel.CreateBounded<TakeOverRequest>(1);
        ChannelReader<TakeOverRequest> successors = control?.Successors ?? nobody.Reader;
        try
        {
            while (true)
            {
                // Cancelling ends the wait that did not complete; it has taken nothing from its channel.
                using CancellationTokenSource round = CancellationTokenSource.CreateLinkedTokenSource(stop);
                await Task.WhenAny(sighup.WaitAsync(round.Token), successors.WaitToReadAsync(round.Token).AsTask()).ConfigureAwait(false);
                await round.CancelAsync().ConfigureAwait(false);
                stop.ThrowIfCancellationRequested();
                if (sighup.TryTake()) await reload.RunAsync().ConfigureAwait(false);
                if (successors.TryRead(out TakeOverRequest? successor) && await HandOverAsync(pipeline, successor).ConfigureAwait(false)) return successor;
            }
        }
        catch (OperationCanceledException)
        {
            // Expected: the signal to stop.
            return null;
        }
    }

    private async Task<bool> HandOverAsync(ServerPipeline pipeline, TakeOverRequest successor)
    {
        IReadOnlyList<ListenerSocket> listeners = pipeline.Offer();
        log.HandingOver(listeners.Count, successor.Pid);
        return await successor.OfferAsync(listeners, pipeline.ShutdownTimeout).ConfigureAwait(false);
    }
}
