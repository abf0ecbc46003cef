using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>
/// Translates an rsyslog configuration into ours: first global settings, modules and templates, then inputs and the
/// legacy settings in effect at each action, then rules. Every statement has an outcome at the end.
/// </summary>
internal sealed class RsyslogImport
{
    private readonly IReadOnlyList<RsyslogStatement> _statements;
    private readonly ImportReport _report = new();
    private readonly ImportSettings _settings = new();
    private readonly ImportedOutputs _outputs = new();
    private readonly DeclarationReader _declarations;
    private readonly InputTranslator _inputs;
    private readonly ActionTranslator _actions;
    private readonly RsyslogRulesets _rulesets;
    private readonly List<string> _notes = [];

    private RsyslogImport(IReadOnlyList<RsyslogStatement> statements)
    {
        RsyslogTemplates templates = new();
        _statements = statements;
        _rulesets = new RsyslogRulesets(statements);
        _declarations = new DeclarationReader(_settings, templates, _report);
        _inputs = new InputTranslator(_settings, _report);
        _actions = new ActionTranslator(_settings, templates, _outputs, _report);
    }

    public static ImportResult Of(IReadOnlyList<RsyslogStatement> statements)
    {
        RsyslogImport import = new(statements);
        foreach (RsyslogStatement statement in ImportReport.Walk(statements)) import._declarations.Declare(statement);
        foreach (RsyslogStatement statement in ImportReport.Walk(statements)) import.ReadInTurn(statement);
        return import.CompileRules();
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

    private ImportResult CompileRules()
    {
        List<ImportedInput> inputs = [.. _inputs.Inputs];
        if (inputs.Count == 0 && !_declarations.LoadsHostModule && !_inputs.HasLostInput("") && _rulesets.Default.Statements.Count > 0) inputs.Add(HaproxyListener());
        RulesetCompiler compiler = new(_rulesets, new ConditionTranslator(inputs), _actions, _report);
        HashSet<string> bound = new(StringComparer.OrdinalIgnoreCase);
        foreach (IGrouping<RsyslogRuleset, ImportedInput> group in inputs.GroupBy(RulesetOf))
        {
            bound.Add(group.Key.Name);
            compiler.Compile(group.Key, [.. group.Select(static input => input.Options.Name)]);
        }
        compiler.Settle();
        foreach (RsyslogObject ruleset in ImportReport.Walk(_statements).OfType<RsyslogObject>().Where(static statement => statement.Kind == "ruleset"))
        {
            string name = ruleset.Parameters["name"] ?? "";
            if (bound.Contains(name) || compiler.WasCalled(name)) _report.Translated(ruleset, "the routes of the inputs bound to it");
        }
        foreach (RsyslogRuleset ruleset in _rulesets.All) SettleRest(ruleset, bound.Contains(ruleset.Name) || compiler.WasCalled(ruleset.Name));
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
        bool isDefault = ruleset == _rulesets.Default;
        bool lost = _inputs.HasLostInput(isDefault ? "" : ruleset.Name);
        foreach (RsyslogStatement statement in ImportReport.Walk(ruleset.Statements).Where(statement => !_report.Has(statement)))
        {
            if (lost) _report.NotSupported(statement, "omitted: only unsupported inputs lead here");
            else if (isDefault) _report.NotNeeded(statement, "only the host's own log arrives here, and that stays with rsyslog or journald");
            else _report.NotNeeded(statement, "no input in these files is bound to its ruleset, and nothing calls it");
        }
    }

    /// <summary>The input's ruleset. As in rsyslog, the default ruleset replaces one that does not exist.</summary>
    private RsyslogRuleset RulesetOf(ImportedInput input)
    {
        if (input.Ruleset is null) return _rulesets.Default;
        if (_rulesets.TryFind(input.Ruleset, out RsyslogRuleset? ruleset)) return ruleset;
        if (!_notes.Exists(note => note.StartsWith($"ruleset {input.Ruleset} ", StringComparison.Ordinal)))
        {
            _notes.Add($"ruleset {input.Ruleset} is not in these files: listener {input.Options.Name} uses the default ruleset, as in rsyslog");
        }
        return _rulesets.Default;
    }

    /// <summary>The built-in HAProxy listener, for snippets whose input is in another file.</summary>
    private ImportedInput HaproxyListener()
    {
        if (!ListenAddressParser.Parse(BuiltInConfigurationProvider.HaproxySocket).TryGet(out ListenAddress? address, out string? problem) || address is null)
        {
            throw new InvalidOperationException(problem);
        }
        _notes.Add($"these files contain no input, so the built-in listener was added: haproxy at {address}; also import the file with the input, or edit the listener");
        return new ImportedInput(new ListenerOptions { Name = "haproxy", Address = address }, "imuxsock", null, "");
    }
}
