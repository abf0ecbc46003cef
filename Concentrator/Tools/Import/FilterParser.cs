using System.Text.RegularExpressions;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>
/// Parses the condition of an <c>if</c>. Precedence from low to high: <c>or</c>, <c>and</c>, <c>not</c>, comparisons.
/// Recursive descent, at most <see cref="MostDepth"/> deep and with at most <see cref="MostTerms"/> comparisons.
/// </summary>
internal sealed partial class FilterParser
{
    private const int MostDepth = 64;

    /// <summary>Limited because the result is walked recursively.</summary>
    private const int MostTerms = 500;

    private static readonly string[] Comparisons =
        ["==", "!=", "<>", "<=", ">=", "<", ">", "isequal", "startswith", "startswith_i", "contains", "contains_i", "endswith"];

    private readonly List<string> _tokens = [];
    private int _at;
    private int _depth;
    private int _terms;
    private string? _problem;

    private FilterParser()
    {
    }

    /// <summary>Parses the condition; the problem says what is not an expression.</summary>
    public static Parsed<FilterExpression> Parse(string text)
    {
        FilterParser parser = new();
        int end = 0;
        foreach (Match token in Token().Matches(text))
        {
            if (token.Index != end) break;
            end = token.Index + token.Length;
            string value = token.Groups["token"].Value;
            if (value.Length > 0) parser._tokens.Add(value);
        }
        if (text[end..].Trim().Length > 0) return new Problem($"the condition contains {Problem.Quote(text[end..].Trim())}, which is not valid rsyslog syntax");
        FilterExpression expression = parser.Or();
        return parser._problem is string problem ? new Problem(problem)
            : parser._at < parser._tokens.Count ? new Problem($"the condition has unexpected text from {Problem.Quote(parser._tokens[parser._at])}")
            : expression;
    }

    private FilterExpression Or()
    {
        FilterExpression left = And();
        while (Take("or")) left = new FilterOr(left, And());
        return left;
    }

    private FilterExpression And()
    {
        FilterExpression left = Not();
        while (Take("and")) left = new FilterAnd(left, Not());
        return left;
    }

    private FilterExpression Not()
    {
        if (++_depth > MostDepth) _problem ??= $"the condition is nested deeper than {MostDepth}";
        FilterExpression expression = _problem is not null ? new FilterUnknown(_problem)
            : Take("not") || Take("!") ? new FilterNot(Not())
            : Take("(") ? InParentheses()
            : Comparison();
        _depth--;
        return expression;
    }

    private FilterExpression InParentheses()
    {
        FilterExpression inner = Or();
        Expect(")");
        return inner;
    }

    private FilterExpression Comparison()
    {
        string left = Next();
        if (Peek() == "(") return Function(left);
        string comparison = Peek().ToLowerInvariant();
        if (!Comparisons.Contains(comparison))
        {
            return comparison is "" or "and" or "or" or ")" && left.StartsWith('$')
                ? new FilterUnknown($"{left} alone cannot be expressed as a route condition")
                : Wrong($"{Problem.Quote(comparison)} is not a comparison");
        }
        _at++;
        if (!left.StartsWith('$') && Peek().StartsWith('$') && comparison is "==" or "!=" or "<>")
        {
            return Compare(Next(), comparison, [Unquote(left)]);
        }
        if (!Take("[")) return Compare(left, comparison, [Unquote(Next())]);
        List<string> values = [];
        do values.Add(Unquote(Next()));
        while (Take(","));
        Expect("]");
        return Compare(left, comparison, values);
    }

    /// <summary>An array means any of its values.</summary>
    private FilterExpression Compare(string property, string comparison, List<string> values)
    {
        _terms += values.Count;
        if (_terms > MostTerms) _problem ??= $"the condition has more than {MostTerms} comparisons";
        if (_problem is not null) return new FilterUnknown(_problem);
        string? operand = values.Find(static value => value.StartsWith('$'));
        if (!property.StartsWith('$') || property.Length < 2 || property[1] is '!' or '.' or '/')
        {
            return new FilterUnknown($"{property} is a variable, but only message properties can be compared");
        }
        if (operand is not null) return new FilterUnknown($"{property} is compared with {operand}, but only comparison with constants is supported");
        bool not = comparison is "!=" or "<>";
        FilterExpression any = values
            .Select(value => (FilterExpression)FilterComparison.Of(property[1..], not ? "==" : comparison, value))
            .Aggregate(static (left, right) => new FilterOr(left, right));
        return not ? new FilterNot(any) : any;
    }

    private FilterExpression Function(string name)
    {
        int open = _at++;
        int depth = 1;
        while (depth > 0 && _at < _tokens.Count)
        {
            string token = _tokens[_at++];
            depth += token == "(" ? 1 : token == ")" ? -1 : 0;
        }
        if (depth > 0) return Wrong("a parenthesis is not closed");
        if (name.Equals("prifilt", StringComparison.OrdinalIgnoreCase) && _at == open + 3)
        {
            return RsyslogSelector.Parse(Unquote(_tokens[open + 1])).TryGet(out FilterSelector? selector, out string? problem)
                ? selector
                : Wrong(problem);
        }
        if (Comparisons.Contains(Peek().ToLowerInvariant())) _at += 2;
        return new FilterUnknown($"the function {name}() has no counterpart in a route");
    }

    private string Peek() => _at < _tokens.Count ? _tokens[_at] : "";

    private string Next()
    {
        if (_at >= _tokens.Count) _problem ??= "the condition is incomplete";
        return _at < _tokens.Count ? _tokens[_at++] : "";
    }

    private bool Take(string token)
    {
        if (!Peek().Equals(token, StringComparison.OrdinalIgnoreCase)) return false;
        _at++;
        return true;
    }

    private void Expect(string token)
    {
        if (!Take(token)) _problem ??= $"the condition lacks {Problem.Quote(token)}";
    }

    private FilterUnknown Wrong(string problem)
    {
        _problem ??= problem;
        return new FilterUnknown(problem);
    }

    private static string Unquote(string token) =>
        token.Length >= 2 && token[0] is '"' or '\'' && token[^1] == token[0] ? Escape().Replace(token[1..^1], "$1") : token;

    [GeneratedRegex("""\G(?:\s+|/\*.*?\*/|\#[^\n]*|(?<token>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\$[!./\w\-]+|[A-Za-z_][\w\-]*|\d+|==|!=|<>|<=|>=|[<>()\[\],!&+*/%-]))""", RegexOptions.Singleline)]
    private static partial Regex Token();

    [GeneratedRegex(@"\\(.)", RegexOptions.Singleline)]
    private static partial Regex Escape();
}
