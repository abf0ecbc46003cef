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
    IReadOnlyDictionary<string, RsyslogRuleset> rulesets, ConditionTranslator conditions, ActionTranslator actions, ImportReport report)
{
    /// <summary>Every condition may double the copies; a longer result would be unreadable.</summary>
    private const int MostRoutes = 500;

    private const int MostDepth = 200;

    private readonly List<ImportedRoute> _routes = [];
    private readonly HashSet<string> _called = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<RsyslogFilter, string> _leftOut = [];
    private bool _tooLarge;
    private int _depth;

    public IReadOnlyList<ImportedRoute> Routes => _routes;

    /// <summary>Whether a <c>call</c> in a compiled ruleset leads to this one.</summary>
    public bool WasCalled(string ruleset) => _called.Contains(ruleset);

    /// <summary>
    /// Must be called after everything is compiled. Corrects the report: a statement left out in one place may be used in another,
    /// and a translated action whose condition was left out is in no route.
    /// </summary>
    public void Settle()
    {
        HashSet<RsyslogStatement> taken = new(_routes.SelectMany(static route => route.Actions), ReferenceEqualityComparer.Instance);
        foreach ((RsyslogFilter filter, string problem) in _leftOut)
        {
            List<RsyslogStatement> inside = [.. ImportReport.Walk(filter.Inner)];
            if (inside.Exists(taken.Contains))
            {
                report.Revise(filter, $"{problem}; the statements under it were translated for some of the messages and omitted for the others");
                continue;
            }
            foreach (RsyslogStatement statement in inside.Where(report.IsTranslated)) report.Revise(statement, ImportReport.UnderUnsupported);
        }
    }

    /// <summary>Adds the routes of a ruleset for the messages of these listeners.</summary>
    public void Compile(RsyslogRuleset ruleset, IReadOnlyList<string> listeners)
    {
        int before = _routes.Count;
        _tooLarge = false;
        Run(Step.Of(ruleset.Statements, null, [ruleset.Name]), new RouteCondition { From = listeners }, exclusive: false, plain: false);
        if (!_tooLarge) return;
        _routes.RemoveRange(before, _routes.Count - before);
        foreach (RsyslogStatement statement in ImportReport.Walk(ruleset.Statements))
        {
            report.NotSupported(statement, $"the rules that it belongs to need more than {MostRoutes} routes, so none of them was translated");
        }
    }

    /// <summary>
    /// Adds the routes of all steps under a condition that all their messages fulfil. With <paramref name="plain"/>, returns false
    /// if the steps alone cannot be routes because what follows them would have to be copied.
    /// </summary>
    private bool Run(Step? step, RouteCondition under, bool exclusive, bool plain)
    {
        if (++_depth > MostDepth || _routes.Count > MostRoutes) _tooLarge = true;
        try
        {
            for (; step is not null && !_tooLarge; step = step.Next)
            {
                switch (step.Statement)
                {
                    case RsyslogStop stop:
                        report.Translated(stop, "the route ends with Stop");
                        Stop(under, stop);
                        return true;
                    case RsyslogFilter filter when conditions.FindProblem(filter.Condition) is string problem:
                        LeaveOut(filter, problem);
                        break;
                    case RsyslogFilter filter when TryPlain(filter, under, step.Calls):
                        Translated(filter, ImportReport.Condition);
                        if (AlwaysStops(filter.Then) && Holds(filter.Condition, under)) return true;
                        break;
                    case RsyslogFilter when plain:
                        return false;
                    case RsyslogFilter filter:
                        if (TryInTurn(filter, step, under, exclusive)) return true;
                        LeaveOut(filter, "the combined conditions cannot be expressed in a single route");
                        break;
                    case RsyslogCall call:
                        step = Call(call, step);
                        break;
                    case RsyslogObject { Kind: "action" } or RsyslogLegacyAction:
                        if (actions.Translate(step.Statement) is { } target) Emit(under, target, step.Statement);
                        break;
                }
            }
            if (exclusive && !_tooLarge) Stop(under, null);
            return true;
        }
        finally
        {
            _depth--;
        }
    }

    private void LeaveOut(RsyslogFilter filter, string problem)
    {
        _leftOut[filter] = problem;
        report.Revise(filter, $"{problem}; the statements under it were omitted");
        report.NotSupportedInside(filter, ImportReport.UnderUnsupported);
    }

    private void Translated(RsyslogFilter filter, string sentence)
    {
        (IReadOnlyList<string> said, IReadOnlyList<string> lost) = conditions.Remarks(filter.Condition);
        report.Translated(filter, string.Join("; ", said.Prepend(sentence)), lost);
    }

    /// <summary>Returns the step before the called ruleset's first.</summary>
    private Step Call(RsyslogCall call, Step step)
    {
        if (!rulesets.TryGetValue(call.Ruleset, out RsyslogRuleset? called))
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
        return new Step(call, Step.Of(called.Statements, step.Next, [.. step.Calls, called.Name]), step.Calls);
    }

    /// <summary>Translates a filter into routes with conditions of their own; false, with nothing added, if that is impossible.</summary>
    private bool TryPlain(RsyslogFilter filter, RouteCondition under, IReadOnlyList<string> calls)
    {
        int before = _routes.Count;
        ImportedRoute? last = _routes.LastOrDefault();
        bool done = TryBranch(filter.Condition, negated: false, filter.Then, under, calls)
            && (filter.Else.Count == 0
                || (AlwaysStops(filter.Then)
                    ? Run(Step.Of(filter.Else, null, calls), under, exclusive: false, plain: true)
                    : TryBranch(filter.Condition, negated: true, filter.Else, under, calls)));
        if (!done) Restore(before, last);
        return done;
    }

    /// <summary>Translates a filter by order; false, with nothing added, if no single route has all conditions that must hold.</summary>
    private bool TryInTurn(RsyslogFilter filter, Step step, RouteCondition under, bool exclusive)
    {
        int before = _routes.Count;
        ImportedRoute? last = _routes.LastOrDefault();
        Translated(filter, "expressed by the order of routes: matching messages take routes that stop, and the routes after them are for the others");
        bool done = Decide(filter.Condition, under, exclusive,
            (condition, alone) => Run(Step.Of(filter.Then, step.Next, step.Calls), condition, alone, plain: false),
            (condition, alone) => Run(Step.Of(filter.Else, step.Next, step.Calls), condition, alone, plain: false));
        if (!done) Restore(before, last);
        return done;
    }

    /// <param name="count">The earlier number of routes.</param>
    /// <param name="last">The last of them at that time, because outputs may have been added to it since.</param>
    private void Restore(int count, ImportedRoute? last)
    {
        _routes.RemoveRange(count, _routes.Count - count);
        if (last is not null) _routes[^1] = last;
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
        return both.TrueForAll(each => Run(Step.Of(body, null, calls), each, exclusive: false, plain: true));
    }

    /// <summary>Evaluates the atoms of a condition one at a time, as a program would.</summary>
    private bool Decide(
        FilterExpression condition, RouteCondition under, bool exclusive, Func<RouteCondition, bool, bool> then, Func<RouteCondition, bool, bool> otherwise) =>
        condition switch
        {
            FilterNot not => Decide(not.Inner, under, exclusive, otherwise, then),
            FilterAnd and => Decide(and.Left, under, exclusive, (all, alone) => Decide(and.Right, all, alone, then, otherwise), otherwise),
            FilterOr or => Decide(or.Left, under, exclusive, then, (all, alone) => Decide(or.Right, all, alone, then, otherwise)),
            _ => Branch(condition, under, exclusive, then, otherwise),
        };

    private bool Branch(
        FilterExpression atom, RouteCondition under, bool exclusive, Func<RouteCondition, bool, bool> then, Func<RouteCondition, bool, bool> otherwise)
    {
        if (!conditions.Atom(atom, negated: false).TryGet(out RouteCondition[]? alternatives, out _)) return false;
        foreach (RouteCondition alternative in alternatives)
        {
            if (RouteCondition.Both(under, alternative) is not { } both) return false;
            if (both.IsNever) continue;
            if (both.Equals(under)) return then(under, exclusive);
            if (!then(both, true)) return false;
        }
        return otherwise(under, exclusive);
    }

    /// <summary>Whether the condition holds for all messages that reach this place.</summary>
    private bool Holds(FilterExpression condition, RouteCondition under) =>
        conditions.Alternatives(condition, negated: false) is { } alternatives
        && alternatives.Any(alternative => RouteCondition.Both(under, alternative)?.Equals(under) == true);

    private static bool AlwaysStops(IReadOnlyList<RsyslogStatement> body) =>
        body.Any(static statement => statement is RsyslogStop);

    private void Emit(RouteCondition under, ActionTarget target, RsyslogStatement action)
    {
        if (_routes is [.., { Stop: false } last] && last.Condition.Equals(under) && last.IntakeKey == target.IntakeKey && !last.To.Contains(target.Output))
        {
            _routes[^1] = last with { To = [.. last.To, target.Output], Actions = [.. last.Actions, action] };
            return;
        }
        _routes.Add(new ImportedRoute(under, target.IntakeKey, [target.Output], action.Origin) { Actions = [action] });
    }

    private void Stop(RouteCondition under, RsyslogStatement? stop)
    {
        if (_routes is [.., { } last] && last.Condition.Equals(under))
        {
            _routes[^1] = last with { Stop = true, Actions = stop is null ? last.Actions : [.. last.Actions, stop] };
            return;
        }
        _routes.Add(new ImportedRoute(under, null, [], stop is null ? "" : stop.Origin) { Stop = true, Actions = stop is null ? [] : [stop] });
    }

    /// <summary>A linked list of the statements still to be translated.</summary>
    private sealed record Step(RsyslogStatement Statement, Step? Next, IReadOnlyList<string> Calls)
    {
        public static Step? Of(IReadOnlyList<RsyslogStatement> statements, Step? next, IReadOnlyList<string> calls)
        {
            for (int i = statements.Count - 1; i >= 0; i--)
            {
                // Included statements replace the include.
                next = statements[i] is RsyslogInclude include ? Of(include.Body, next, calls) : new Step(statements[i], next, calls);
            }
            return next;
        }
    }
}

/// <summary>A named list of rules.</summary>
internal sealed record RsyslogRuleset(string Name, List<RsyslogStatement> Statements)
{
    /// <summary>Whether the ruleset has its own queue, so that it runs apart from its caller.</summary>
    public bool HasQueue { get; set; }
}
