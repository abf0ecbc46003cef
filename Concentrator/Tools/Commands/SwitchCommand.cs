using System.CommandLine;
using System.Globalization;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Hosting;
using Concentrator.Tools.Switch;

namespace Concentrator.Tools.Commands;

/// <summary>The options of <c>concentrator switch</c>.</summary>
/// <param name="DryRun">Print the steps without doing anything.</param>
/// <param name="Edit">HAProxy's files may be changed.</param>
/// <param name="Back">Undo the switch.</param>
internal sealed record SwitchRequest(bool DryRun, bool Edit, bool Back);

/// <summary>
/// <c>concentrator switch</c>: redirects HAProxy's log lines here from rsyslog or the journal without losing any; <c>--back</c>
/// reverses it. Announces its steps, performs and verifies each, and undoes everything if one fails.
/// </summary>
internal static class SwitchCommand
{
    private const int Undone = 1;

    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options)
    {
        Option<bool> dryRun = new("--dry-run") { Description = "Print the plan, or what prevents it, and change nothing." };
        Option<bool> edit = new("--edit") { Description = "Also change HAProxy's log lines: keeps a backup beside the file, checks with haproxy -c, reloads HAProxy." };
        Option<bool> back = new("--back") { Description = "Switch back: restore where HAProxy's lines went before, and remove everything the switch installed." };
        return options.Complete(
            new Command("switch", "Take over HAProxy's log lines from rsyslog or journald without loss; everything is undone if a step fails."),
            [dryRun, edit, back],
            (parsed, arguments, stop) => ExecuteAsync(
                arguments, new SwitchRequest(parsed.GetValue(dryRun), parsed.GetValue(edit), parsed.GetValue(back)), new SwitchedHost(),
                options.Environment, options.Output, options.Error, stop));
    }

    /// <summary>0 = done or nothing to do; 1 = a step failed (or a bad configuration, as from <c>check</c>); 2 = not possible.</summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, SwitchRequest request, SwitchedHost host, ConfigurationEnvironment environment, TextWriter output, TextWriter error,
        CancellationToken stop)
    {
        try
        {
            if (!host.Examined.IsRoot) throw new SwitchFailure("the switch changes units, sockets and kernel settings: run it as root");
            ConfigurationResult? result = request.Back ? null : ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
            if (result is { IsValid: false })
            {
                foreach (ConfigurationError wrong in result.Errors) await error.WriteLineAsync(wrong.ToString()).ConfigureAwait(false);
                return ExitCodes.Configuration;
            }
            using FileStream alone = Alone(host.LockFile);
            SwitchJournal? journal = SwitchJournal.Read(host.StateFile);
            return result is null
                ? await BackAsync(request, host, journal, output, stop).ConfigureAwait(false)
                : await ForthAsync(request, host, journal, result.Options!, output, error, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (SwitchFailure.IsExpected(e))
        {
            await error.WriteLineAsync($"concentrator: {(e is OperationCanceledException ? "interrupted" : e.Message)}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
    }

    private static async Task<int> ForthAsync(
        SwitchRequest request, SwitchedHost host, SwitchJournal? journal, ServerOptions options, TextWriter output, TextWriter error, CancellationToken stop)
    {
        if (journal is { IsFinished: false }) throw new SwitchFailure("an earlier switch was interrupted; undo it first: concentrator switch --back");
        SwitchInspection look = new(host, options);
        SwitchFindings? found = await look.LookAsync(stop).ConfigureAwait(false);
        if (found is null || look.Obstacles.Count > 0)
        {
            foreach (string obstacle in look.Obstacles) await error.WriteLineAsync($"concentrator: {obstacle}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        IReadOnlyList<SwitchStep> steps = SwitchPlan.Steps(host, found, options, request.Edit);
        if (found.Place.IsOwnName && !request.Edit)
            throw new SwitchFailure($"HAProxy must be configured to log to {found.Place.Address}; --edit makes these changes:\n{Shown(found.Changes)}");
        if (steps.Count == 0) await output.WriteLineAsync($"Nothing to do: HAProxy's lines already arrive at {found.Place}.").ConfigureAwait(false);
        else if (!await DoAsync(request, host, journal, found, options, steps, output, stop).ConfigureAwait(false)) return Undone;
        if (!request.Edit && found.Changes.Count > 0)
            await output.WriteLineAsync($"HAProxy's lines would be complete, and in the best format, with these changes; --edit makes them:\n{Shown(found.Changes)}").ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static async Task<bool> DoAsync(
        SwitchRequest request, SwitchedHost host, SwitchJournal? journal, SwitchFindings found, ServerOptions options, IReadOnlyList<SwitchStep> steps,
        TextWriter output, CancellationToken stop)
    {
        await output.WriteLineAsync($"{found.Reader}.").ConfigureAwait(false);
        await TellAsync(output, steps.Select(static step => step.Describe())).ConfigureAwait(false);
        if (request.DryRun) return true;
        journal ??= SwitchJournal.Create(host.StateFile, found.Place);
        string? file = ProofStep.FilesOf(options).FirstOrDefault();
        NewLines? lines = file is null ? null : new NewLines(file);
        if (!await new SwitchRun(journal, name => SwitchPlan.Named(name, host, found.Place), output).DoAsync(steps, stop).ConfigureAwait(false)) return false;
        if (found.Place.IsContended) new UnseenDirectory(found.Place).Clear();
        string listener = ProofStep.ListenerFor(options, found.Place)!.Name;
        if (lines is not null && !found.ComesHere)
            await output.WriteLineAsync($"{await lines.TellAsync(WorkerViews.Read(host), options, listener, stop).ConfigureAwait(false)}.").ConfigureAwait(false);
        await output.WriteLineAsync("HAProxy's lines now go to Concentrator. To undo: concentrator switch --back").ConfigureAwait(false);
        return true;
    }

    private static async Task<int> BackAsync(SwitchRequest request, SwitchedHost host, SwitchJournal? journal, TextWriter output, CancellationToken stop)
    {
        if (journal is null)
        {
            await output.WriteLineAsync($"Nothing to undo: the switch's record {host.StateFile} does not exist.").ConfigureAwait(false);
            return ExitCodes.Success;
        }
        SwitchBack back = new(host, journal);
        IReadOnlyList<LineChange> inTheWay = back.LinesInTheWay();
        if (inTheWay.Count > 0 && !request.Edit) throw new SwitchFailure($"rsyslog's unix socket cannot parse what HAProxy sends; --edit makes these changes:\n{Shown(inTheWay)}");
        SwitchStep Named(string name) => SwitchPlan.Named(name, host, journal.Place);
        IEnumerable<string> told = journal.Entries.Reverse().Select(entry => Named(entry.Step).DescribeBack(entry)).OfType<string>();
        await TellAsync(output, inTheWay.Count == 0 ? told : told.Prepend($"change HAProxy's lines to a format that rsyslog parses, and reload HAProxy:\n{Shown(inTheWay)}")).ConfigureAwait(false);
        if (request.DryRun) return ExitCodes.Success;

        if (journal.Place.IsContended)
        {
            UnseenDirectory room = new(journal.Place);
            room.Unmount();
            await new HaproxyReload(host).FreeAsync(room, stop).ConfigureAwait(false);
        }
        if (inTheWay.Count > 0) await back.ChangeAsync(inTheWay, stop).ConfigureAwait(false);
        if (!await new SwitchRun(journal, Named, output).UndoAsync(keep: 0).ConfigureAwait(false)) return Undone;
        if (await back.ProveAsync(stop).ConfigureAwait(false) is { } proof) await output.WriteLineAsync(proof).ConfigureAwait(false);
        await output.WriteLineAsync("HAProxy's lines go to where they went before the switch.").ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static FileStream Alone(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException e)
        {
            throw new SwitchFailure($"another switch is running: {e.Message}");
        }
    }

    private static async Task TellAsync(TextWriter output, IEnumerable<string> steps)
    {
        foreach ((int index, string step) in steps.Index())
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{index + 1,4}. {step}")).ConfigureAwait(false);
    }

    private static string Shown(IReadOnlyList<LineChange> changes) => string.Join('\n', changes.Select(static change => change.Shown));
}
