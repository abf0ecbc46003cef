using System.Runtime.InteropServices;
using System.Threading.Channels;
using Concentrator.Configuration;
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
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment);
        if (!result.IsValid)
        {
            foreach (ConfigurationError wrong in result.Errors) await error.WriteLineAsync(wrong.ToString()).ConfigureAwait(false);
            return ExitCodes.Configuration;
        }
        using ILoggerFactory logs = ServerLog.CreateForConsole(LogLevel.Information, TimeProvider.System);
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
        catch (Exception refused) when (refused is StatusListenException or SpoolException)
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
        _log.Starting(ServerMetrics.Version, options.Listeners.Count, options.Outputs.Count, options.Routes.Count, result.Source);
        foreach (string warning in options.Warnings) _log.ConfigurationWarning(warning);

        await using StatusServer? status = options.Monitoring is null
            ? null
            : await StatusServer.StartAsync(options.Monitoring, _ledger, () => _isListening, logs, stop).ConfigureAwait(false);
        if (status is not null) _log.StatusServing(status.BoundEndPoint);
        using BacklogWatch backlogs = new(_ledger, _time, _log);
        InheritedSockets inherited = ListenDescriptors.Receive(_environment.Variables, _log);
        Pipeline pipeline = await Pipeline.BindAsync(options, _ledger, _time, _log, inherited).ConfigureAwait(false);
        inherited.SayUnwanted(_log);
        await pipeline.StartAsync().ConfigureAwait(false);
        _isListening = true;

        using SystemdNotifier systemd = SystemdNotifier.FromEnvironment(_log, _time);

        // The watchdog's timer runs on the pool that serves connections and relays: that it runs at all is the check.
        systemd.StartWatchdog(static () => true);
        systemd.Ready();
        _log.Ready(_time.GetElapsedTime(began));

        string reason = await ServeAsync(pipeline, systemd, hangUps.Reader, stop).ConfigureAwait(false);

        long stopping = _time.GetTimestamp();
        _isListening = false;
        systemd.Stopping();
        _log.Stopping(reason, options.ShutdownTimeout);
        await pipeline.StopAsync().ConfigureAwait(false);
        foreach (string line in LedgerTable.Lines(_ledger)) _log.LedgerLine(line);
        _log.Stopped(_time.GetElapsedTime(stopping));
    }

    /// <summary>Reloads at each SIGHUP until told to stop.</summary>
    private async Task<string> ServeAsync(Pipeline pipeline, SystemdNotifier systemd, ChannelReader<bool> hangUps, CancellationToken stop)
    {
        try
        {
            await foreach (bool _ in hangUps.ReadAllAsync(stop).ConfigureAwait(false))
            {
                systemd.Reloading();
                pipeline.ReopenFiles();
                await ReloadAsync(pipeline).ConfigureAwait(false);
                systemd.Ready();
            }
        }
        catch (OperationCanceledException)
        {
            // Expected: the signal to stop.
        }
        return "told to stop";
    }

    private async Task ReloadAsync(Pipeline pipeline)
    {
        ConfigurationResult result = ConfigurationLoader.Load(_arguments.ConfigFile, _arguments.Overrides, _environment);
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
