using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>The result of an import.</summary>
internal sealed record ImportResult
{
    public required IReadOnlyList<ImportedInput> Inputs { get; init; }

    public required IReadOnlyList<ImportedOutput> Outputs { get; init; }

    public required IReadOnlyList<ImportedRoute> Routes { get; init; }

    /// <summary>One line per statement, in the order of the files.</summary>
    public required IReadOnlyList<ImportLine> Lines { get; init; }

    /// <summary>Things done that no statement asked for.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public bool HasUnsupported => Lines.Any(static line => line.Outcome == ImportOutcome.NotSupported);
}

/// <summary>
/// Translates an rsyslog configuration into ours: first global settings, modules and templates, then inputs and the
/// legacy settings in effect at each action, then rules. Every statement has an outcome at the end.
/// </summary>
internal sealed class RsyslogImport
{
    private const string DefaultRuleset = "RSYSLOG_DefaultRuleset";

    private static readonly string[] HostModules = ["imuxsock", "imklog", "imkmsg", "imjournal"];

    private readonly IReadOnlyList<RsyslogStatement> _statements;
    private readonly ImportReport _report = new();
    private readonly ImportSettings _settings = new();
    private readonly RsyslogTemplates _templates = new();
    private readonly ImportedOutputs _outputs = new();
    private readonly InputTranslator _inputs;
    private readonly ActionTranslator _actions;
    private readonly Dictionary<string, RsyslogRuleset> _rulesets = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _notes = [];
    private bool _loadsHostModule;

    private RsyslogImport(IReadOnlyList<RsyslogStatement> statements)
    {
        _statements = statements;
        _inputs = new InputTranslator(_settings, _report);
        _actions = new ActionTranslator(_settings, _templates, _outputs, _report);
    }

    public static ImportResult Of(IReadOnlyList<RsyslogStatement> statements)
    {
        RsyslogImport import = new(statements);
        foreach (RsyslogStatement statement in ImportReport.Walk(statements)) import.Declare(statement);
        foreach (RsyslogStatement statement in ImportReport.Walk(statements)) import.ReadInTurn(statement);
        import.CollectRulesets(statements, import.Ruleset(DefaultRuleset));
        return import.CompileRules();
    }

    private void Declare(RsyslogStatement statement)
    {
        switch (statement)
        {
            case RsyslogBroken broken:
                _report.NotSupported(broken, broken.Problem);
                _report.NotSupportedInside(broken, "omitted, because the block around it cannot be parsed");
                break;
            case RsyslogInclude include:
                if (include.Problem is not null) _report.NotSupported(include, $"{include.Problem}; {Files(include.Files)} read");
                else _report.Translated(include, $"{Files(include.Files)} read; their statements are reported below");
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
                if (_templates.DefineLegacy(line.Value) is string problem) _report.NotSupported(line, problem);
                else Protect(line.Value.Split(',')[0].Trim());
                break;
            case "modload":
                (ImportOutcome outcome, string sentence) = ModuleNotes.Find(line.Value);
                _report.Add(line, outcome, sentence);
                _loadsHostModule |= HostModules.Contains(Path.GetFileNameWithoutExtension(line.Value), StringComparer.OrdinalIgnoreCase);
                break;
            case "defaultnetstreamdrivercafile" or "defaultnetstreamdrivercertfile" or "defaultnetstreamdriverkeyfile" or "umask" or "maxmessagesize":
                _settings.Globals[line.Name] = line.Value;
                break;
        }
    }

    private void Declare(RsyslogObject declared)
    {
        RsyslogParameters given = declared.Parameters;
        switch (declared.Kind)
        {
            case "template":
                if (_templates.Define(declared) is string problem)
                {
                    _report.NotSupported(declared, problem);
                    break;
                }
                Protect(given["name"]!);
                _report.Translated(declared, "used by the actions that refer to it");
                break;
            case "module":
                string name = given["load"] ?? "";
                (ImportOutcome outcome, string sentence) = ModuleNotes.Find(name);
                ModuleNotes.Ignore(given);
                _settings.Load(Path.GetFileNameWithoutExtension(name), given);
                _loadsHostModule |= HostModules.Contains(Path.GetFileNameWithoutExtension(name), StringComparer.OrdinalIgnoreCase);
                if (given.Unknown is string left) _report.NotSupported(declared, left);
                else _report.Add(declared, outcome, sentence);
                break;
            case "global":
                DeclareGlobals(declared, given);
                break;
            case "main_queue":
                _report.NotNeeded(declared, DirectiveNotes.Spool);
                break;
            case "ruleset":
                given.Ignore("name", "queue.*");
                if (given["name"] is null) _report.NotSupported(declared, "a ruleset needs a name; this one cannot be reached");
                else if (given.Unknown is string unknown) _report.NotSupported(declared, unknown);
                break;
            case "action" or "input":
                break;
            case "version":
                _report.NotNeeded(declared, "selects the language version");
                break;
            case "ratelimit":
                _report.NotNeeded(declared, "dropped: there is no rate limit");
                break;
            case "include":
                _report.NotSupported(declared, "only files can be included; it was omitted");
                break;
            default:
                _report.NotSupported(declared, $"{declared.Kind} has no counterpart; it was omitted");
                break;
        }
    }

    private void DeclareGlobals(RsyslogObject declared, RsyslogParameters given)
    {
        List<string> lost = [];
        List<string> said = [];
        foreach (string name in given.Unasked.ToList())
        {
            _settings.Globals[name] = given[name]!;
            if (DirectiveNotes.Find(name, given[name]!) is not { } note) lost.Add(RsyslogParameters.NotKnown(name));
            else if (note.Outcome == ImportOutcome.NotSupported) lost.Add($"{name}: {note.Sentence}");
            else said.Add($"{name}: {note.Sentence}");
        }
        if (lost.Count > 0) _report.NotSupported(declared, string.Join("; ", lost.Concat(said)));
        else _report.Translated(declared, string.Join("; ", said.DefaultIfEmpty("it sets nothing")));
    }

    private void ReadInTurn(RsyslogStatement statement)
    {
        _settings.Remember(statement);
        if (statement is RsyslogDirective line)
        {
            if (_inputs.TryLegacy(line)) return;
            _settings.Set(line.Name, line.Value);
            if (DirectiveNotes.Find(line.Name, line.Value) is { } note) _report.Add(line, note.Outcome, note.Sentence);
            else if (!_report.Has(line)) _report.NotSupported(line, "is not known to the import and was omitted");
        }
        else if (statement is RsyslogObject { Kind: "input" } input)
        {
            _inputs.Translate(input);
        }
    }

    /// <summary>Sorts rules by ruleset; legacy <c>$RuleSet</c> applies to what follows it on the same level, across includes.</summary>
    private RsyslogRuleset CollectRulesets(IEnumerable<RsyslogStatement> statements, RsyslogRuleset current)
    {
        foreach (RsyslogStatement statement in statements)
        {
            switch (statement)
            {
                case RsyslogInclude include:
                    current = CollectRulesets(include.Body, current);
                    break;
                case RsyslogDirective { Value.Length: > 0 } line when line.Name.Equals("RuleSet", StringComparison.OrdinalIgnoreCase):
                    current = Ruleset(line.Value);
                    break;
                case RsyslogObject { Kind: "ruleset" } ruleset when ruleset.Parameters["name"] is string name:
                    RsyslogRuleset named = Ruleset(name);
                    named.Statements.AddRange(ruleset.Body);
                    named.HasQueue |= ruleset.Parameters["queue.type"] is string type && !type.Equals("direct", StringComparison.OrdinalIgnoreCase);
                    break;
                case RsyslogFilter or RsyslogStop or RsyslogCall or RsyslogLegacyAction or RsyslogObject { Kind: "action" }:
                    current.Statements.Add(statement);
                    break;
            }
        }
        return current;
    }

    private ImportResult CompileRules()
    {
        List<ImportedInput> inputs = [.. _inputs.Inputs];
        if (inputs.Count == 0 && !_loadsHostModule && !_inputs.HasLostInput("") && Ruleset(DefaultRuleset).Statements.Count > 0) inputs.Add(HaproxyListener());
        RulesetCompiler compiler = new(_rulesets, new ConditionTranslator(inputs), _actions, _report);
        HashSet<string> bound = new(StringComparer.OrdinalIgnoreCase);
        foreach (IGrouping<string, ImportedInput> group in inputs.GroupBy(KnownRuleset, StringComparer.OrdinalIgnoreCase))
        {
            bound.Add(group.Key);
            compiler.Compile(_rulesets[group.Key], [.. group.Select(static input => input.Options.Name)]);
        }
        compiler.Settle();
        foreach (RsyslogObject ruleset in ImportReport.Walk(_statements).OfType<RsyslogObject>().Where(static statement => statement.Kind == "ruleset"))
        {
            string name = ruleset.Parameters["name"] ?? "";
            if (bound.Contains(name) || compiler.WasCalled(name)) _report.Translated(ruleset, "the routes of the inputs bound to it");
        }
        foreach (RsyslogRuleset ruleset in _rulesets.Values) SettleRest(ruleset, bound.Contains(ruleset.Name) || compiler.WasCalled(ruleset.Name));
        foreach (RsyslogStatement statement in ImportReport.Walk(_statements).Where(statement => !_report.Has(statement)))
        {
            _report.NotNeeded(statement, statement is RsyslogObject { Kind: "ruleset" }
                ? "no input in these files is bound to it and nothing calls it, so rsyslog does not use it either"
                : "no message reaches it: earlier rules stop everything, or its condition never holds");
        }
        return new ImportResult
        {
            Inputs = inputs,
            Outputs = [.. _outputs.Outputs.Where(output => compiler.Routes.Any(route => route.To.Contains(output.Options.Name)))],
            Routes = compiler.Routes,
            Lines = _report.Lines(_statements),
            Notes = _notes,
        };
    }

    /// <summary>Reports why rules that no listener leads to were not translated.</summary>
    private void SettleRest(RsyslogRuleset ruleset, bool isFed)
    {
        if (isFed) return;
        bool isDefault = ruleset.Name == DefaultRuleset;
        bool lost = _inputs.HasLostInput(isDefault ? "" : ruleset.Name);
        foreach (RsyslogStatement statement in ImportReport.Walk(ruleset.Statements).Where(statement => !_report.Has(statement)))
        {
            if (lost) _report.NotSupported(statement, "omitted: only unsupported inputs lead here");
            else if (isDefault) _report.NotNeeded(statement, "only the host's own log arrives here, and that stays with rsyslog or journald");
            else _report.NotNeeded(statement, "no input in these files is bound to its ruleset, and nothing calls it");
        }
    }

    /// <summary>The input's ruleset. As in rsyslog, the default ruleset replaces one that does not exist.</summary>
    private string KnownRuleset(ImportedInput input)
    {
        if (input.Ruleset is null) return DefaultRuleset;
        if (_rulesets.ContainsKey(input.Ruleset)) return input.Ruleset;
        if (!_notes.Exists(note => note.StartsWith($"ruleset {input.Ruleset} ", StringComparison.Ordinal)))
        {
            _notes.Add($"ruleset {input.Ruleset} is not in these files: listener {input.Options.Name} uses the default ruleset, as in rsyslog");
        }
        return DefaultRuleset;
    }

    /// <summary>The built-in HAProxy listener, for snippets whose input is in another file.</summary>
    private ImportedInput HaproxyListener()
    {
        string text = BuiltInDefaults.Keys(relay: false, intakeKey: null, logGroup: null)["Listeners:haproxy:Address"]!;
        if (!ListenAddressParser.Parse(text).TryGet(out ListenAddress? address, out _) || address is null) throw new InvalidOperationException(text);
        _notes.Add($"these files contain no input, so the built-in listener was added: haproxy at {address}; also import the file with the input, or edit the listener");
        return new ImportedInput(new ListenerOptions { Name = "haproxy", Address = address }, "imuxsock", null, "");
    }

    private RsyslogRuleset Ruleset(string name)
    {
        if (!_rulesets.TryGetValue(name, out RsyslogRuleset? ruleset)) _rulesets[name] = ruleset = new RsyslogRuleset(name, []);
        return ruleset;
    }

    private void Protect(string template)
    {
        if (_templates.KeyOf(template) is string key) _report.Protect(key);
    }

    private static string Files(int count) => count == 1 ? "1 file was" : $"{count} files were";
}
