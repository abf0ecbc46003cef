using System.Runtime.InteropServices;
using System.Threading.Channels;
using Concentrator.Configuration;
using Concentrator.Configuration.Intakes;
using Concentrator.Ingest;
using Concentrator.Spool;
using Concentrator.Telemetry;
using Microsoft.Extensions.Logging;

namespace Concentrator.Commands;

/// <summary><c>concentrator run</c>: the server in the foreground, until a signal ends it.</summary>
internal sealed class RunCommand
{
    private readonly RunArguments _arguments;
    private readonly ConfigurationEnvironment _environment;
    private readonly ILogger _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Ledger _ledger = new();
    private volatile bool _isListening;

    private RunCommand(RunArguments arguments, ConfigurationEnvironment environment, ILogger log)
    {
        _arguments = arguments;
        _environment = environment;
        _log = log;
    }

    /// <summary>
    /// Returns the exit code. Reasons not to start go to <paramref name="error"/>, a line each; everything else is logged.
    /// </summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, ConfigurationEnvironment environment, TextWriter error, CancellationToken stop)
    {
        // Beside the configuration: the log's libraries take as long to come up as a file takes to be read, and most of what a first
        // line costs is compiling. Said to nobody here, it is compiled when it is wanted.
        Task<ILoggerFactory> opening = Task.Run(static () =>
        {
            using (ILoggerFactory nobody = ServerLog.Create(TextWriter.Null, LogLevel.Information, TimeProvider.System))
                nobody.CreateLogger("concentrator").Starting(ServerMetrics.Version, 0, 0, 0, "");
            return ServerLog.CreateForConsole(LogLevel.Information, TimeProvider.System);
        });
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        using ILoggerFactory logs = await opening.ConfigureAwait(false);
        if (!result.IsValid)
        {
            foreach (ConfigurationError wrong in result.Errors) await error.WriteLineAsync(wrong.ToString()).ConfigureAwait(false);
            return ExitCodes.Configuration;
        }
        try
        {
            RunCommand server = new(arguments, environment, logs.CreateLogger("concentrator"));
            await server.RunAsync(result, logs, stop).ConfigureAwait(false);
            return ExitCodes.Success;
        }
        catch (AggregateException refused) when (refused.InnerExceptions.All(static e => e is BindException))
        {
            foreach (Exception reason in refused.InnerExceptions) await error.WriteLineAsync(reason.Message).ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        catch (SpoolException refused) when (refused.InnerException is SpoolLockedException)
        {
            string remedy = arguments.TakeOver ? "it has no control socket there, so stop it first" : "stop it, or take over from it with --take-over";
            await error.WriteLineAsync($"{refused.Message}; {remedy}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        catch (Exception refused) when (refused is StatusListenException or SpoolException or TakeOverException)
        {
            await error.WriteLineAsync(refused.Message).ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
    }

    private async Task RunAsync(ConfigurationResult result, ILoggerFactory logs, CancellationToken stop)
    {
        // From the first moment: a hang-up that nobody handles would end the process. Those that come while the server starts,
        // or during a reload, are one more reload.
        Channel<bool> hangUps = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            hangUps.Writer.TryWrite(true);
        });
        ServerOptions options = result.Options!;
        long began = _time.GetTimestamp();

        await using ServedPages pages = new(options.Monitoring, _ledger, () => _isListening, logs, _log);

        // Beside the log's first lines and the spools, which take as long.
        if (!_arguments.TakeOver) pages.Begin();
        _log.Starting(ServerMetrics.Version, options.Listeners.Count, options.Outputs.Count, options.Routes.Count, result.Source);
        foreach (string warning in options.Warnings) _log.ConfigurationWarning(warning);

        InheritedSockets? taken = _arguments.TakeOver ? TakeOver(options.Spool.Directory) : null;
        using BacklogWatch backlogs = new(_ledger, _time, _log);
        InheritedSockets inherited = taken ?? ListenDescriptors.Receive(_environment.Variables, _log);

        // What is taken over waits to be read; at any other start, a status address in use is said before anything else is bound.
        Func<Task>? beforeBinding = taken is null ? pages.ServeAsync : null;
        Pipeline pipeline = await Pipeline.BindAsync(options, _ledger, _time, _log, inherited, beforeBinding: beforeBinding).ConfigureAwait(false);
        inherited.EndUnwanted(_log);
        await pipeline.StartAsync().ConfigureAwait(false);
        if (taken is not null) await ServeOrStopAsync(pages, pipeline).ConfigureAwait(false);
        await using ControlSocket? control = ControlSocket.TryOpen(options.Spool.Directory, _log);
        _isListening = true;

        // An edit counts as a hang-up does.
        using IntakesWatch? edits = result.Intakes is { } read
            ? new IntakesWatch(result.Source, read, () => hangUps.Writer.TryWrite(true), _time)
            : null;

        using SystemdNotifier systemd = SystemdNotifier.FromEnvironment(_log, _time);

        // The watchdog's timer runs on the pool that serves connections and relays: that it runs at all is the check.
        systemd.StartWatchdog(static () => true);
        systemd.Ready();
        _log.Ready(_time.GetElapsedTime(began));

        Successor? successor = await ServeAsync(pipeline, systemd, hangUps.Reader, control, stop).ConfigureAwait(false);

        long stopping = _time.GetTimestamp();
        _isListening = false;
        systemd.Stopping();
        _log.Stopping(successor is null ? "told to stop" : "handed over", pipeline.ShutdownTimeout);
        if (successor is null)
        {
            await pipeline.StopAsync().ConfigureAwait(false);
        }
        else
        {
            // The successor wants the address of the status pages too; while they end, reading still goes on.
            await pages.DisposeAsync().ConfigureAwait(false);
            await pipeline.HandOverAsync().ConfigureAwait(false);
            successor.Finish();
        }
        foreach (string line in LedgerTable.Lines(_ledger)) _log.LedgerLine(line);
        _log.Stopped(_time.GetElapsedTime(stopping));
    }

    /// <summary>The sockets of the server that runs, which has ended then; null where none runs.</summary>
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

    /// <summary>After a take-over: what was read by then is not left in memory.</summary>
    private static async Task ServeOrStopAsync(ServedPages pages, Pipeline pipeline)
    {
        try
        {
            await pages.ServeAsync().ConfigureAwait(false);
        }
        catch
        {
            await pipeline.StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reloads at each SIGHUP, until told to stop (null) or until a successor has taken over.</summary>
    private async Task<Successor?> ServeAsync(
        Pipeline pipeline, SystemdNotifier systemd, ChannelReader<bool> hangUps, ControlSocket? control, CancellationToken stop)
    {
        Channel<Successor> nobody = Channel.CreateBounded<Successor>(1);
        ChannelReader<Successor> successors = control?.Successors ?? nobody.Reader;
        try
        {
            while (true)
            {
                // Whichever waits on in vain ends with this round: it takes nothing.
                using CancellationTokenSource round = CancellationTokenSource.CreateLinkedTokenSource(stop);
                await Task.WhenAny(hangUps.WaitToReadAsync(round.Token).AsTask(), successors.WaitToReadAsync(round.Token).AsTask())
                    .ConfigureAwait(false);
                await round.CancelAsync().ConfigureAwait(false);
                stop.ThrowIfCancellationRequested();
                if (hangUps.TryRead(out _))
                {
                    systemd.Reloading();
                    pipeline.ReopenFiles();
                    await ReloadAsync(pipeline).ConfigureAwait(false);
                    systemd.Ready();
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

    private async Task<bool> HandOverAsync(Pipeline pipeline, Successor successor)
    {
        IReadOnlyList<BoundListener> listeners = pipeline.Offer();
        _log.HandingOver(listeners.Count, successor.Pid);
        return await successor.OfferAsync(listeners, pipeline.ShutdownTimeout).ConfigureAwait(false);
    }

    private async Task ReloadAsync(Pipeline pipeline)
    {
        ConfigurationResult result = ConfigurationLoader.Load(_arguments.ConfigFile, _arguments.Overrides, _environment, _arguments.IntakesFile);
        if (!result.IsValid)
        {
            foreach (ConfigurationError wrong in result.Errors) _log.ConfigurationProblem(wrong.ToString());
            _log.ReloadRefused(result.Errors.Count);
            return;
        }
        foreach (string warning in result.Options.Warnings) _log.ConfigurationWarning(warning);
        if (await pipeline.ReloadAsync(result.Options).ConfigureAwait(false))
            _log.ReloadDone(result.Options.Listeners.Count, result.Options.Outputs.Count, result.Options.Routes.Count);
    }
}
