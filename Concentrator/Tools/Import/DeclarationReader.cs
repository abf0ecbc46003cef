namespace Concentrator.Tools.Import;

/// <summary>
/// Reads what holds for a whole rsyslog configuration, wherever it stands: global settings, modules and templates. Also settles what
/// is malformed or has no counterpart whatever leads to it.
/// </summary>
internal sealed class DeclarationReader(ImportSettings settings, RsyslogTemplates templates, ImportReport report)
{
    private static readonly string[] HostModules = ["imuxsock", "imklog", "imkmsg", "imjournal"];

    /// <summary>Whether rsyslog reads the host's own log, so that rules may be for that alone.</summary>
    public bool LoadsHostModule { get; private set; }

    public void Declare(RsyslogStatement statement)
    {
        switch (statement)
        {
            case RsyslogBroken broken:
                report.NotSupported(broken, broken.Problem);
                report.NotSupportedInside(broken, "omitted, because the block around it cannot be parsed");
                break;
            case RsyslogInclude include:
                if (include.Problem is not null) report.NotSupported(include, $"{include.Problem}; {Files(include.Files)} read");
                else report.Translated(include, $"{Files(include.Files)} read; their statements are reported below");
                break;
            case RsyslogDirective line:
                Declare(line);
                break;
            case RsyslogObject declared:
                Declare(declared);
                break;
        }
    }

    private void Declare(RsyslogDirective line)
    {
        switch (line.Name.ToLowerInvariant())
        {
            case "template":
                if (templates.DefineLegacy(line.Value) is string problem) report.NotSupported(line, problem);
                else Protect(line.Value.Split(',')[0].Trim());
                break;
            case "modload":
                (ImportOutcome outcome, string sentence) = ModuleNotes.Find(line.Value);
                report.Add(line, outcome, sentence);
                NoteModule(line.Value);
                break;
            case "defaultnetstreamdrivercafile" or "defaultnetstreamdrivercertfile" or "defaultnetstreamdriverkeyfile" or "umask" or "maxmessagesize":
                settings.Globals[line.Name] = line.Value;
                break;
        }
    }

    private void Declare(RsyslogObject declared)
    {
        RsyslogParameters given = declared.Parameters;
        switch (declared.Kind)
        {
            case "template":
                if (templates.Define(declared) is string problem)
                {
                    report.NotSupported(declared, problem);
                    break;
                }
                Protect(given["name"]!);
                report.Translated(declared, "used by the actions that refer to it");
                break;
            case "module":
                string name = given["load"] ?? "";
                (ImportOutcome outcome, string sentence) = ModuleNotes.Find(name);
                ModuleNotes.Ignore(given);
                settings.Load(NoteModule(name), given);
                if (given.Unknown is string left) report.NotSupported(declared, left);
                else report.Add(declared, outcome, sentence);
                break;
            case "global":
                DeclareGlobals(declared, given);
                break;
            case "main_queue":
                report.NotNeeded(declared, DirectiveNotes.Spool);
                break;
            case "ruleset":
                given.Ignore("name", "queue.*");
                if (given["name"] is null) report.NotSupported(declared, "a ruleset needs a name; this one cannot be reached");
                else if (given.Unknown is string unknown) report.NotSupported(declared, unknown);
                break;
            case "action" or "input":
                break;
            case "version":
                report.NotNeeded(declared, "selects the language version");
                break;
            case "ratelimit":
                report.NotNeeded(declared, "dropped: there is no rate limit");
                break;
            case "include":
                report.NotSupported(declared, "only files can be included; it was omitted");
                break;
            default:
                report.NotSupported(declared, $"{declared.Kind} has no counterpart; it was omitted");
                break;
        }
    }

    private void DeclareGlobals(RsyslogObject declared, RsyslogParameters given)
    {
        List<string> lost = [];
        List<string> said = [];
        foreach (string name in given.Unasked.ToList())
        {
            settings.Globals[name] = given[name]!;
            if (DirectiveNotes.Find(name, given[name]!) is not { } note) lost.Add(RsyslogParameters.NotKnown(name));
            else if (note.Outcome == ImportOutcome.NotSupported) lost.Add($"{name}: {note.Sentence}");
            else said.Add($"{name}: {note.Sentence}");
        }
        if (lost.Count > 0) report.NotSupported(declared, string.Join("; ", lost.Concat(said)));
        else report.Translated(declared, string.Join("; ", said.DefaultIfEmpty("it sets nothing")));
    }

    /// <summary>Notes that a module is loaded; returns its name without path and ending.</summary>
    private string NoteModule(string file)
    {
        string module = Path.GetFileNameWithoutExtension(file);
        LoadsHostModule |= HostModules.Contains(module, StringComparer.OrdinalIgnoreCase);
        return module;
    }

    private void Protect(string template)
    {
        if (templates.KeyOf(template) is string key) report.Protect(key);
    }

    private static string Files(int count) => count == 1 ? "1 file was" : $"{count} files were";
}
