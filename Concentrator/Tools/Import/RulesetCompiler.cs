namespace Concentrator.Tools.Import;

/// <summary>
/// Turns a ruleset, which is a program, into routes, which are a list: every matching route applies in order, until one stops.
/// <para>
/// Most conditions become a route's own. What a route alone cannot express (an <c>else</c>, a <c>not</c>, overlapping
/// alternatives) is expressed by order: messages for which the condition holds take copies of all their routes to the
/// end of the ruleset, and stop there; what follows is for the others. So every message takes exactly the path it took in rsyslog.
/// </para>
/// </summary>
internal sealed class RulesetCompiler(
    RsyslogRulesets rulesets, ConditionTranslator conditions, ActionTranslator actions, ImportReport report)
{
    /// <summary>Every condition may double the copies; a longer result would be unreadable.</summary>
    private const int MostRoutes = 500;

    private const int MostDepth = 200;

    private readonly RouteList _routes = new();
    private readonly LeftOutFilters _leftOut = new(report);
    private readonly OrderedDecision _inOrder = new(conditions);
    private readonly HashSet<string> _called = new(StringComparer.OrdinalIgnoreCase);
    private bool _tooLarge;
    private int _depth;

    public IReadOnlyList<ImportedRoute> Routes => _routes.All;

    /// <summary>Whether a <c>call</c> in a compiled ruleset leads to this one.</summary>
    public bool WasCalled(string ruleset) => _called.Contains(ruleset);

    /// <summary>Must be called after everything is compiled, to correct the report.</summary>
    public void Settle() => _leftOut.Settle(_routes.All);

    /// <summary>Adds the routes of a ruleset for the messages of these listeners.</summary>
    public void Compile(RsyslogRuleset ruleset, IReadOnlyList<string> listeners)
    {
        int before = _routes.All.Count;
        _tooLarge = false;
        Run(RuleStep.Of(ruleset.Statements, null, [ruleset.Name]), new RouteCondition { From = listeners }, exclusive: false, plain: false);
        if (!_tooLarge) return;
        _routes.CutTo(before);
        foreach (RsyslogStatement statement in ImportReport.Walk(ruleset.Statements))
        {
            report.NotSupported(statement, $"the rules that it belongs to need more than {MostRoutes} routes, so none of them was translated");
        }
    }

    /// <summary>
    /// Adds the routes of all steps under a condition that all their messages fulfil. With <paramref name="plain"/>, returns false
    /// if the steps alone cannot be routes because what follows them would have to be copied.
    /// </summary>
    private bool Run(RuleStep? step, RouteCondition under, bool exclusive, bool plain)
    {
        if (++_depth > MostDepth || _routes.All.Count > MostRoutes) _tooLarge = true;
        try
        {
            for (; step is not null && !_tooLarge; step = step.Next)
            {
                switch (step.Statement)
                {
                    case RsyslogStop stop:
                        report.Translated(stop, "the route ends with Stop");
                        _routes.Stop(under, stop);
                        return true;
                    case RsyslogFilter filter when conditions.FindProblem(filter.Condition) is string problem:
                        _leftOut.Add(filter, problem);
                        break;
                    case RsyslogFilter filter when TryPlain(filter, under, step.Calls):
                        Translated(filter, ImportReport.Condition);
                        if (AlwaysStops(filter.Then) && Holds(filter.Condition, under)) return true;
                        break;
                    case RsyslogFilter when plain:
                        return false;
                    case RsyslogFilter filter:
                        if (TryInTurn(filter, step, under, exclusive)) return true;
                        _leftOut.Add(filter, "the combined conditions cannot be expressed in a single route");
                        break;
                    case RsyslogCall call:
                        step = Call(call, step);
                        break;
                    case RsyslogObject { Kind: "action" } or RsyslogLegacyAction:
                        if (actions.Translate(step.Statement) is { } target) _routes.Send(under, target, step.Statement);
                        break;
                }
            }
            if (exclusive && !_tooLarge) _routes.Stop(under, null);
            return true;
        }
        finally
        {
            _depth--;
        }
    }

    private void Translated(RsyslogFilter filter, string sentence)
    {
        (IReadOnlyList<string> said, IReadOnlyList<string> lost) = conditions.Remarks(filter.Condition);
        report.Translated(filter, string.Join("; ", said.Prepend(sentence)), lost);
    }

    /// <summary>Returns the step before the called ruleset's first.</summary>
    private RuleStep Call(RsyslogCall call, RuleStep step)
    {
        if (!rulesets.TryFind(call.Ruleset, out RsyslogRuleset? called))
        {
            report.NotSupported(call, $"ruleset {call.Ruleset} is not in these files; the call was omitted");
            return step;
        }
        if (step.Calls.Contains(call.Ruleset, StringComparer.OrdinalIgnoreCase))
        {
            report.NotSupported(call, $"ruleset {call.Ruleset} calls itself; the call was omitted");
            return step;
        }
        if (called.HasQueue && ImportReport.Walk(called.Statements).OfType<RsyslogStop>().Any())
        {
            report.NotSupported(call, $"ruleset {call.Ruleset} has its own queue, so in rsyslog a stop ends only its own rules; here it ends all");
        }
        _called.Add(call.Ruleset);
        report.Translated(call, $"the routes of ruleset {called.Name}");
        return new RuleStep(call, RuleStep.Of(called.Statements, step.Next, [.. step.Calls, called.Name]), step.Calls);
    }

    /// <summary>Translates a filter into routes with conditions of their own; false, with nothing added, if that is impossible.</summary>
    private bool TryPlain(RsyslogFilter filter, RouteCondition under, IReadOnlyList<string> calls) => _routes.Try(() =>
        TryBranch(filter.Condition, negated: false, filter.Then, under, calls)
        && (filter.Else.Count == 0
            || (AlwaysStops(filter.Then)
                ? Run(RuleStep.Of(filter.Else, null, calls), under, exclusive: false, plain: true)
                : TryBranch(filter.Condition, negated: true, filter.Else, under, calls))));

    /// <summary>Translates a filter by order; false, with nothing added, if no single route has all conditions that must hold.</summary>
    private bool TryInTurn(RsyslogFilter filter, RuleStep step, RouteCondition under, bool exclusive)
    {
        Translated(filter, "expressed by the order of routes: matching messages take routes that stop, and the routes after them are for the others");
        return _routes.Try(() => _inOrder.Compile(filter.Condition, under, exclusive,
            (condition, alone) => Run(RuleStep.Of(filter.Then, step.Next, step.Calls), condition, alone, plain: false),
            (condition, alone) => Run(RuleStep.Of(filter.Else, step.Next, step.Calls), condition, alone, plain: false)));
    }

    private bool TryBranch(FilterExpression condition, bool negated, IReadOnlyList<RsyslogStatement> body, RouteCondition under, IReadOnlyList<string> calls)
    {
        if (conditions.Alternatives(condition, negated) is not { } alternatives) return false;
        List<RouteCondition> both = [];
        foreach (RouteCondition alternative in alternatives)
        {
            if (RouteCondition.Both(under, alternative) is not { } whole) return false;
            if (!whole.IsNever) both.Add(whole);
        }
        return both.TrueForAll(each => Run(RuleStep.Of(body, null, calls), each, exclusive: false, plain: true));
    }

    /// <summary>Whether the condition holds for all messages that reach this place.</summary>
    private bool Holds(FilterExpression condition, RouteCondition under) =>
        conditions.Alternatives(condition, negated: false) is { } alternatives
        && alternatives.Any(alternative => RouteCondition.Both(under, alternative)?.Equals(under) == true);

    private static bool AlwaysStops(IReadOnlyList<RsyslogStatement> body) =>
        body.Any(static statement => statement is RsyslogStop);
}
