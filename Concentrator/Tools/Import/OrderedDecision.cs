namespace Concentrator.Tools.Import;

/// <summary>Compiles the messages for which a condition holds, or does not; false if that is impossible.</summary>
/// <param name="under">A condition that all of them fulfil.</param>
/// <param name="exclusive">Whether their last route must stop them, because others follow behind.</param>
internal delegate bool CompileBranch(RouteCondition under, bool exclusive);

/// <summary>
/// Expresses a condition that no route has by the order of routes: its atoms are evaluated one at a time, as a program would, and
/// messages for which one holds take routes that stop.
/// </summary>
internal sealed class OrderedDecision(ConditionTranslator conditions)
{
    /// <summary>False if no single route has all the conditions that must hold somewhere; routes may have been added then.</summary>
    public bool Compile(FilterExpression condition, RouteCondition under, bool exclusive, CompileBranch then, CompileBranch otherwise) => condition switch
    {
        FilterNot not => Compile(not.Inner, under, exclusive, otherwise, then),
        FilterAnd and => Compile(and.Left, under, exclusive, (all, alone) => Compile(and.Right, all, alone, then, otherwise), otherwise),
        FilterOr or => Compile(or.Left, under, exclusive, then, (all, alone) => Compile(or.Right, all, alone, then, otherwise)),
        _ => CompileAtom(condition, under, exclusive, then, otherwise),
    };

    private bool CompileAtom(FilterExpression atom, RouteCondition under, bool exclusive, CompileBranch then, CompileBranch otherwise)
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
}
