using System.CommandLine;
using System.Runtime.InteropServices;
using Concentrator.Commands;
using Concentrator.Configuration;
using Concentrator.Doctor;
using Concentrator.Switch;

namespace Concentrator;

/// <summary>The command line: which command, with which arguments.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        using CancellationTokenSource stop = new();
        // A clean stop takes as long as ShutdownTimeout allows, so nothing here sets a deadline; a second signal ends the process.
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce);
        return await InvokeAsync(args, ConfigurationEnvironment.Current(), Console.Out, Console.Error, stop.Token).ConfigureAwait(false);

        void StopOnce(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>Parses and runs; the result is the exit code.</summary>
    public static async Task<int> InvokeAsync(
        string[] args, ConfigurationEnvironment environment, TextWriter output, TextWriter error, CancellationToken stop)
    {
        Option<string?> config = new("--config")
        {
            Description = "The configuration file. Default: /etc/concentrator/concentrator.json if it exists, else the built-in "
                + "HAProxy default.",
            HelpName = "FILE",
        };

        Option<string?> intakes = new("--intakes")
        {
            Description = "Sekoia.io's intakes.yaml in place of a configuration file. Default: /intakes.yaml, if it exists and there is "
                + "no configuration file.",
            HelpName = "FILE",
        };

        Option<bool> takeOver = new("--take-over")
        {
            Description = "Take the sockets over from the server that runs with the same spool directory, which then ends: nothing is "
                + "lost meanwhile, the kernel queues. Where none runs, start as usual.",
        };

        Argument<string[]> keys = new("--Section:Key=value")
        {
            Description = "Configuration keys that win over file and environment, for example --Spool:MaxSize=1GB.",
            Arity = ArgumentArity.ZeroOrMore,
        };

        Command run = new("run", "Run the server in the foreground (the default command).") { config, intakes, takeOver, keys };
        Command check = new("check", "Load and validate the configuration; print every error at once.") { config, intakes, keys };
        Option<bool> fix = new("--fix") { Description = "Write the kernel settings to /etc/sysctl.d/60-concentrator.conf, and nothing else." };
        Command doctor = new("doctor", "Look at this host, HAProxy and the relays; say what is wrong, and the remedy.") { config, intakes, fix, keys };
        Option<bool> ready = new("--ready") { Description = "Ask whether it is ready for messages, too: listening, and every relay connected or its queue not half full." };
        Command health = new("health", "Ask the running server how it is; exit 0 if it is well.") { config, intakes, ready, keys };
        Option<bool> json = new("--json") { Description = "Print the server's own document, /status.json, as it is." };
        Command status = new("status", "Ask the running server how it is: listeners, outputs, ledger, queues, last errors; exit 0 if it is ready.")
        {
            config, intakes, json, keys,
        };
        Option<bool> dryRun = new("--dry-run") { Description = "Say what would be done, or what stands in the way, and do nothing." };
        Option<bool> edit = new("--edit") { Description = "Change HAProxy's log lines too: a backup beside the file, checked by haproxy -c, reloaded." };
        Option<bool> back = new("--back") { Description = "The way back: HAProxy's lines go where they went before, and everything that the switch put is removed." };
        Command change = new("switch", "Take HAProxy's lines over from rsyslog or the journal without losing one; undone as a whole when a step fails.")
        {
            config, intakes, dryRun, edit, back, keys,
        };
        Command demo = new("demo", "Show the whole job in one go: no root, no configuration, ends by itself.");
        RootCommand root = new("Syslog concentrator: takes HAProxy's socket, UDP, TCP and TLS; writes files and relays over TLS.")
        {
            config, intakes, takeOver, keys, run, check, doctor, change, health, status, demo,
            SpoolCommand.Create(output, error, Console.OpenStandardOutput), ShadowCommand.Create(output, error),
            ImportCommand.Create(output, error, Console.OpenStandardOutput),
            CompletionCommand.Create(output, error), ManualCommand.Create(output),
        };
        root.Directives.Clear();
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();

        Task<int> Configured(ParseResult parsed, Func<RunArguments, Task<int>> command)
        {
            if (parsed.GetValue(config) is not null && parsed.GetValue(intakes) is not null)
                return Task.FromResult(Refuse("--config and --intakes are both given; give one of the two"));
            IEnumerable<string> words = root.Subcommands.Where(known => !known.Hidden).Select(known => known.Name)
                .Concat(root.Options.Select(known => known.Name));
            return ConfigurationOverride.TryParse(
                parsed.GetValue(keys) ?? [], words, out IReadOnlyList<ConfigurationOverride> overrides, out string? problem)
                ? command(new RunArguments(parsed.GetValue(config), overrides)
                {
                    IntakesFile = parsed.GetValue(intakes),
                    TakeOver = parsed.GetValue(takeOver),
                })
                : Task.FromResult(Refuse(problem));
        }
        int Refuse(string problem)
        {
            error.WriteLine($"concentrator: {problem}");
            return ExitCodes.Unusable;
        }
        Task<int> Run(ParseResult parsed, CancellationToken token) =>
            Configured(parsed, arguments => RunCommand.ExecuteAsync(arguments, environment, error, token));

        root.SetAction(Run);
        run.SetAction(Run);
        check.SetAction((parsed, token) => Configured(parsed, arguments =>
            CheckCommand.ExecuteAsync(arguments, new ExaminedHost(), environment, output, error, token)));
        doctor.SetAction((parsed, token) => Configured(parsed, arguments =>
            DoctorCommand.ExecuteAsync(arguments, parsed.GetValue(fix), new ExaminedHost(), environment, output, error, token)));
        change.SetAction((parsed, token) => Configured(parsed, arguments => SwitchCommand.ExecuteAsync(
            arguments, new SwitchRequest(parsed.GetValue(dryRun), parsed.GetValue(edit), parsed.GetValue(back)), new SwitchedHost(), environment, output, error, token)));
        health.SetAction((parsed, token) => Configured(parsed, arguments =>
            HealthCommand.ExecuteAsync(arguments, parsed.GetValue(ready), environment, output, error, token)));
        status.SetAction((parsed, token) => Configured(parsed, arguments =>
            StatusCommand.ExecuteAsync(arguments, parsed.GetValue(json), environment, output, error, token)));
        demo.SetAction((_, token) => DemoCommand.ExecuteAsync(output, token));

        ParseResult result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (result.Errors.Count > 0)
        {
            return Refuse(result.Errors[0].Message);
        }
        return await result.InvokeAsync(
            new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            },
            stop).ConfigureAwait(false);
    }
}
