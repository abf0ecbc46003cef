using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>Parses the parameters between the parentheses of an object.</summary>
internal static partial class ParameterParser
{
    public static Parsed<RsyslogParameters> Parse(string text)
    {
        RsyslogParameters parameters = new();
        int at = Blank().Match(text).Length;
        while (at < text.Length)
        {
            Match match = Parameter().Match(text, at);
            if (!match.Success)
            {
                // The rest may hold a key, so only the name before it is shown.
                Match name = Name().Match(text, at);
                return new Problem(name.Success
                    ? $"the value of {name.Groups[1].Value} is not a string in double quotes"
                    : "the parentheses contain something other than name=\"value\"");
            }
            if (match.Groups["shell"].Success)
            {
                return new Problem($"the value of {match.Groups["name"].Value} is a command or variable substitution (`…`); write the value itself");
            }
            if (!parameters.TryAdd(match.Groups["name"].Value, [.. match.Groups["value"].Captures.Select(static value => Unescape(value.Value))]))
            {
                return new Problem($"{match.Groups["name"].Value} is given twice");
            }
            at = match.Index + match.Length;
            at += Blank().Match(text, at).Length;
        }
        return parameters;
    }

    private static string Unescape(string text) => Escape().Replace(text, static escape => escape.Value[1] switch
    {
        'n' => "\n",
        't' => "\t",
        'r' => "\r",
        'a' => "\a",
        'b' => "\b",
        'f' => "\f",
        'x' when escape.Length == 4 => ((char)byte.Parse(escape.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString(),
        _ => escape.Value[1..],
    });

    [GeneratedRegex(@"\G(?:[\s,]|\#[^\n]*|/\*.*?\*/)*", RegexOptions.Singleline)]
    private static partial Regex Blank();

    [GeneratedRegex(@"\G([\w.$\-]+)\s*=")]
    private static partial Regex Name();

    [GeneratedRegex("""\G(?<name>[\w.$\-]+)\s*=\s*(?:"(?<value>(?:\\.|[^"\\])*)"|\[\s*"(?<value>(?:\\.|[^"\\])*)"(?:\s*,\s*"(?<value>(?:\\.|[^"\\])*)")*\s*\]|(?<shell>`[^`]*`))""", RegexOptions.Singleline)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\\(?:x[0-9A-Fa-f]{2}|.)", RegexOptions.Singleline)]
    private static partial Regex Escape();
}
