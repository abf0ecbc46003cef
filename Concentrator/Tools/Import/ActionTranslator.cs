using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>Turns actions into outputs, each only once no matter how many routes lead to it.</summary>
internal sealed class ActionTranslator(ImportSettings settings, RsyslogTemplates templates, ImportedOutputs outputs, ImportReport report)
{
    private const string AfterFailure = "only where the action before it fails is no condition here; name several hosts in Endpoint instead";
    private const string Terminals = "no message is shown on terminals";

    private readonly Dictionary<RsyslogStatement, ActionTarget?> _known = new(ReferenceEqualityComparer.Instance);
    private readonly FileActions _files = new(settings, templates, outputs, report);
    private readonly RelayActions _relays = new(settings, templates, outputs, report);

    /// <summary>Translates an action; null after reporting if it has no counterpart.</summary>
    public ActionTarget? Translate(RsyslogStatement action)
    {
        if (_known.TryGetValue(action, out ActionTarget? known)) return known;
        ActionTarget? target = action is RsyslogObject scripted ? OfObject(scripted) : OfLegacy(action);
        _known.Add(action, target);
        return target;
    }

    private ActionTarget? OfObject(RsyslogObject action)
    {
        RsyslogParameters given = action.Parameters;
        given.Ignore("name", "queue.*", "action.resume*", "action.reportSuspension*", "action.writeAllMarkMessages", "action.errorfile*");
        ImportNotes notes = new();
        if (given.HasAny("queue.", "action.resume"))
        {
            notes.Said.Add("queue and retry settings are not needed: undeliverable messages are spooled on disk without a time limit");
        }
        if (given["queue.discardSeverity"] is not null) notes.Lost.Add("queue.discardSeverity: messages are dropped regardless of severity");
        if (given.IsOn("action.execOnlyWhenPreviousIsSuspended")) return report.LeaveOut(action, AfterFailure);
        string type = given["type"] ?? "";
        return type.ToLowerInvariant() switch
        {
            "omfile" => _files.Translate(action, given, notes),
            "omfwd" => _relays.OmFwd(action, given, notes),
            "omrelp" => _relays.OmRelp(action, given, notes),
            "omusrmsg" => report.LeaveOut(action, Terminals),
            _ => report.LeaveOut(action, $"there is no output like {Problem.Quote(type)}"),
        };
    }

    private ActionTarget? OfLegacy(RsyslogStatement action)
    {
        if (settings.Legacy(action, "ActionExecOnlyWhenPreviousIsSuspended") == "on") return report.LeaveOut(action, AfterFailure);
        string text = action.Text;
        return text.StartsWith('/') || text.StartsWith("-/", StringComparison.Ordinal) ? _files.Translate(action, LegacyTarget.Of(text.TrimStart('-')), new ImportNotes())
            : text.StartsWith('@') ? _relays.Translate(action, LegacyTarget.Of(text), new ImportNotes())
            : report.LeaveOut(action, text.StartsWith(":omusrmsg:", StringComparison.Ordinal) || text.StartsWith('*') ? Terminals
                : text.StartsWith('?') ? "file names that a template makes have no counterpart"
                : text.StartsWith('|') ? "there is no output to a pipe"
                : "there is no output like it");
    }
}
