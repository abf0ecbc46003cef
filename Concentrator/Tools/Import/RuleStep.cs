namespace Concentrator.Tools.Import;

/// <summary>A statement still to be translated, and what follows it to the end of the ruleset.</summary>
/// <param name="Statement">Never an include.</param>
/// <param name="Next">Null at the end.</param>
/// <param name="Calls">The names of the rulesets around it, each called by the one before.</param>
internal sealed record RuleStep(RsyslogStatement Statement, RuleStep? Next, IReadOnlyList<string> Calls)
{
    public static RuleStep? Of(IReadOnlyList<RsyslogStatement> statements, RuleStep? next, IReadOnlyList<string> calls)
    {
        for (int i = statements.Count - 1; i >= 0; i--)
        {
            // Included statements replace the include.
            next = statements[i] is RsyslogInclude include ? Of(include.Body, next, calls) : new RuleStep(statements[i], next, calls);
        }
        return next;
    }
}
