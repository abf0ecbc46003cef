using System.Diagnostics.CodeAnalysis;

namespace Concentrator.Tools.Import;

/// <summary>The rules of a configuration, sorted by the ruleset they belong to. Letter case of names is ignored.</summary>
internal sealed class RsyslogRulesets
{
    /// <summary>The ruleset of rules that stand in no other, and of inputs that name none.</summary>
    public const string DefaultName = "RSYSLOG_DefaultRuleset";

    private readonly Dictionary<string, RsyslogRuleset> _byName = new(StringComparer.OrdinalIgnoreCase);

    public RsyslogRulesets(IEnumerable<RsyslogStatement> statements) => Collect(statements, Default = GetOrAdd(DefaultName));

    public RsyslogRuleset Default { get; }

    public IEnumerable<RsyslogRuleset> All => _byName.Values;

    public bool TryFind(string name, [NotNullWhen(true)] out RsyslogRuleset? ruleset) => _byName.TryGetValue(name, out ruleset);

    /// <summary>Sorts rules by ruleset; legacy <c>$RuleSet</c> applies to what follows it on the same level, across includes.</summary>
    private RsyslogRuleset Collect(IEnumerable<RsyslogStatement> statements, RsyslogRuleset current)
    {
        foreach (RsyslogStatement statement in statements)
        {
            switch (statement)
            {
                case RsyslogInclude include:
                    current = Collect(include.Body, current);
                    break;
                case RsyslogDirective { Value.Length: > 0 } line when line.Name.Equals("RuleSet", StringComparison.OrdinalIgnoreCase):
                    current = GetOrAdd(line.Value);
                    break;
                case RsyslogObject { Kind: "ruleset" } ruleset when ruleset.Parameters["name"] is string name:
                    RsyslogRuleset named = GetOrAdd(name);
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

    private RsyslogRuleset GetOrAdd(string name)
    {
        if (!_byName.TryGetValue(name, out RsyslogRuleset? ruleset)) _byName[name] = ruleset = new RsyslogRuleset(name);
        return ruleset;
    }
}
