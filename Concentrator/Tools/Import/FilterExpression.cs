using System.Text.RegularExpressions;

namespace Concentrator.Tools.Import;

/// <summary>A parsed rsyslog condition. Immutable.</summary>
internal abstract record FilterExpression;

internal sealed record FilterAnd(FilterExpression Left, FilterExpression Right) : FilterExpression;

internal sealed record FilterOr(FilterExpression Left, FilterExpression Right) : FilterExpression;

internal sealed record FilterNot(FilterExpression Inner) : FilterExpression;

/// <summary>A legacy selector, <c>local0.*;mail.none</c>: which severities of which facility pass.</summary>
/// <param name="Masks">By facility 0 to 23: bit n set = severity n passes.</param>
internal sealed record FilterSelector(IReadOnlyList<byte> Masks) : FilterExpression;

/// <summary>A comparison of a property with a constant.</summary>
/// <param name="Property">In lower case, without a dollar: <c>programname</c>.</param>
/// <param name="Operator">In lower case: <c>==</c>, <c>startswith</c>, <c>contains</c>, <c>&lt;=</c> and so on.</param>
/// <param name="Value">The constant.</param>
internal sealed partial record FilterComparison(string Property, string Operator, string Value) : FilterExpression
{
    /// <summary>Uses the operators of an <c>if</c>; <c>isequal</c> is a property filter's, but also occurs in an <c>if</c>.</summary>
    public static FilterComparison Of(string property, string operation, string value)
    {
        string word = operation.ToLowerInvariant();
        return new FilterComparison(property.ToLowerInvariant(), word == "isequal" ? "==" : word, value);
    }

    /// <summary>Converts a property filter's <c>:property, [!]operation, "value"</c>.</summary>
    public static FilterExpression FromPropertyFilter(Match filter)
    {
        FilterComparison comparison = Of(
            filter.Groups["property"].Value, filter.Groups["op"].Value, Quoted().Replace(filter.Groups["value"].Value, "$1"));
        return filter.Groups["not"].Length > 0 ? new FilterNot(comparison) : comparison;
    }

    [GeneratedRegex("""\\(["\\])""")]
    private static partial Regex Quoted();
}

/// <summary>An expression that never has a counterpart: a function, arithmetic, a variable.</summary>
/// <param name="Problem">Why, as the rest of a sentence.</param>
internal sealed record FilterUnknown(string Problem) : FilterExpression;
