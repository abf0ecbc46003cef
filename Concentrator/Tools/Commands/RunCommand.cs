using System.CommandLine;
using Concentrator.Accounting;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Hosting.HandOver;
using Concentrator.Hosting.Systemd;
using Concentrator.Hosting.Views;
using Concentrator.Ingest.Sockets;
using Concentrator.Queues;
using Concentrator.Queues.Files;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Tools.Commands;

/// <summary><c>concentrator run</c>: the server in the foreground, until a signal ends it.</summary>
internal static class RunCommand
{
    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options) => Complete(new Command("run", "Run the server in the foreground (the default command)."), options);

    /// <summary>Turns a command into this one; also used for the command line without a command.</summary>
    public static T Complete<T>(T command, ConfiguredOptions options)
        where T : Command
    {
        Option<bool> takeOver = new("--take-over")
        {
            Description = "Take over the sockets of the server running with the same spool directory, which then stops; nothing is "
                + "lost because the kernel queues meanwhile. If none is running, start normally.",
        };
        return options.Complete(
            command, [takeOver],
            (parsed, arguments, stop) => ExecuteAsync(arguments with { TakeOver = parsed.GetValue(takeOver) }, options.Environment, options.Error, stop));
    }

    /// <summary>
    /// Returns the exit code. Reasons not to start go to <paramref name="error"/>, one a line; everything else is logged.
    /// </summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, ConfigurationEnvironment environment, TextWriter error, CancellationToken stop)
    {
        // In parallel with the configuration: loading the logging libraries takes as long as reading a file, and most of the cost of the
        // first line is compilation. Logging one line to a null sink compiles the path before it is needed.
        Ledger ledger = new();
        KeyMask keys = new();
        RecentEvents recent = new(keys);
        ServerView view = new(ledger, recent, TimeProvider.System);
        Task<ILoggerFactory> opening = Task.Run(() =>
        {
            using (ILoggerFactory nobody = ServerLog.Create(TextWriter.Null, LogLevel.Information, TimeProvider.System))
                nobody.CreateLogger("concentrator").Starting(ProgramVersion.Current.ToString(), 0, 0, 0, "");
            return ServerLog.CreateForConsole(LogLevel.Information, TimeProvider.System, ledger, keys, recent);
        });
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        using ILoggerFactory logs = await opening.ConfigureAwait(false);
        ILogger log = logs.CreateLogger("concentrator");
        using SystemdNotifier systemd = SystemdNotifier.FromEnvironment(log, TimeProvider.System);
        if (!result.IsValid) return await RefuseAsync(ExitCodes.Configuration, result.Errors.Select(static wrong => wrong.ToString())).ConfigureAwait(false);
        try
        {
            Server server = new(arguments, environment, view, keys, systemd, log);
            await server.RunAsync(result, logs, stop).ConfigureAwait(false);
            return ExitCodes.Success;
        }
        catch (AggregateException refused) when (refused.InnerExceptions.All(static e => e is BindException))
        {
            return await RefuseAsync(ExitCodes.Unusable, refused.InnerExceptions.Select(static reason => reason.Message)).ConfigureAwait(false);
        }
        catch (SpoolException refused) when (refused.InnerException is SpoolLockedException)
        {
            string remedy = arguments.TakeOver ? "it has no control socket; stop it first" : "stop it, or start with --take-over";
            return await RefuseAsync(ExitCodes.Unusable, [$"{refused.Message}; {remedy}"]).ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is SpoolException or TakeOverException)
        {
            return await RefuseAsync(ExitCodes.Unusable, [refused.Message]).ConfigureAwait(false);
        }

        async Task<int> RefuseAsync(int exitCode, IEnumerable<string> reasons)
        {
            string[] lines = [.. reasons];
            foreach (string line in lines) await error.WriteLineAsync(line).ConfigureAwait(false);
            systemd.Status(lines.Length == 1 ? $"not started: {lines[0]}" : $"not started: {lines[0]} (and {lines.Length - 1} more)");
            return exitCode;
        }
    }
}
