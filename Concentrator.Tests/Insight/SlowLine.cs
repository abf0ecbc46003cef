using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Messages.HAProxyLines;

namespace Concentrator.Tests.Insight;

/// <summary>
/// The lines about a client, read the plain way: split at blanks, one expression for each word. And which whole lines Sekoia.io's parser takes, as one
/// expression for each of its patterns.
/// </summary>
internal sealed partial record SlowLine(string Group, string Frontend, string Backend, int Status, int ResponseTime, int ActiveTime, string Termination)
{
    private static readonly SlowLine Cut = new("cut", "", "", 0, 0, 0, "");
    private static readonly SlowLine Unknown = new("unknown", "", "", 0, 0, 0, "");
    private static readonly SlowLine Error = new("error", "", "", 0, 0, 0, "");

    /// <summary>The same of the line under test.</summary>
    public static SlowLine Of(in HAProxyLine line) => line.IsTraffic
        ? new SlowLine(
            "traffic", Text(line.Frontend), Text(line.Backend), line.Status, line.ResponseTime, line.ActiveTime, $"{(char)line.Cause}{(char)line.Phase}")
        : line.Kind switch { LineKind.Truncated => Cut, LineKind.ConnectionError => Error, _ => Unknown };

    /// <summary>Null if the line does not begin with a client and a date.</summary>
    public static SlowLine? Read(string line)
    {
        if (Begin().Match(line) is not { Success: true } begin || !Address().IsMatch(begin.Groups[1].Value)) return null;
        string[] words = line[begin.Length..].Split(' ');
        if (words[0].Length == 0 && words.Length > 1) return Unknown;
        if (words.Length < 2) return Cut;
        if (words[0].EndsWith(':')) return Error;
        string frontend = words[0].EndsWith('~') ? words[0][..^1] : words[0];
        if (words.Length < 3) return words[1].Length == 0 || words[1].Contains('/', StringComparison.Ordinal) ? Cut : Unknown;
        int slash = words[1].IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0) return Unknown;
        string backend = words[1][..slash];
        if (words.Length < 4) return TimersBegun().IsMatch(words[2]) ? Cut : Unknown;
        if (!Timers().IsMatch(words[2])) return Unknown;
        int[] times = [.. words[2].Split('/').Select(static time => time[0] == '-' ? -1 : int.Parse(time, System.Globalization.CultureInfo.InvariantCulture))];
        string rest = string.Join(' ', words[3..]);
        return times.Length == 5 ? Request(rest, frontend, backend, times) : Session(rest, frontend, backend);
    }

    /// <summary>Whether one of the parser's patterns takes the line.</summary>
    public static bool IsRead(string line) => Http().IsMatch(line) || Failed().IsMatch(line) || Connect().IsMatch(line);

    private static SlowLine Request(string rest, string frontend, string backend, int[] times)
    {
        if (rest.Length < 4) return Cut;
        Match status = StatusWord().Match(rest);
        if (!status.Success) return Unknown;
        int code = int.Parse(status.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        string[] words = rest[status.Length..].Split(' ');
        if (words.Length < 2) return Cut;
        string after = string.Join(' ', words[1..]);
        if (after.StartsWith("- - ", StringComparison.Ordinal))
        {
            after = after[4..];
        }
        else
        {
            words = after.Split(' ');
            int at = Enumerable.Range(2, 38).FirstOrDefault(n => n + 1 < words.Length && words[n].Length == 4 && words[n + 1].Length > 0 && char.IsAsciiDigit(words[n + 1][0]));
            if (at == 0) return Cut;
            after = string.Join(' ', words[at..]);
        }
        if (after.Length < 5) return Cut;
        if (after[..5].IndexOf(' ', StringComparison.Ordinal) != 4) return Unknown;
        string[] ends = after[5..].Split(' ');
        for (int n = 0; n < 2; n++)
        {
            if (ends.Length < n + 2) return Cut;
            if (ends[n].Length == 0 || !char.IsAsciiDigit(ends[n][0])) return Unknown;
        }
        return new SlowLine("traffic", frontend, backend, code, times[3], times[4], after[..2]);
    }

    private static SlowLine Session(string rest, string frontend, string backend)
    {
        string[] words = rest.Split(' ');
        if (words.Length < 2) return Cut;
        if (words[0].Length == 0) return Unknown;
        string after = string.Join(' ', words[1..]);
        if (after.Length < 3) return Cut;
        if (after[..3].IndexOf(' ', StringComparison.Ordinal) != 2) return Unknown;
        string counts = after[3..];
        if (counts.Length == 0) return Cut;
        if (!char.IsAsciiDigit(counts[0])) return Unknown;
        int blank = counts.IndexOf(' ', StringComparison.Ordinal);
        return blank < 0 || blank == counts.Length - 1 ? Cut : new SlowLine("traffic", frontend, backend, 0, -1, -1, after[..2]);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    [GeneratedRegex(@"\A([^ ]{1,63}) \[[^ ]{2}/[^ ]{8}:[^ ]{8}\.[^ ]{3}\] ")]
    private static partial Regex Begin();

    [GeneratedRegex(@"\A(?=[0-9a-fA-F:]).*[0-9]\z", RegexOptions.Singleline)]
    private static partial Regex Address();

    [GeneratedRegex(@"\A[+-]?[0-9]+(/[+-]?[0-9]+){2}((/[+-]?[0-9]+){2})?\z")]
    private static partial Regex Timers();

    [GeneratedRegex(@"\A([+-]?[0-9]+/){0,4}[+-]?[0-9]*\z")]
    private static partial Regex TimersBegun();

    [GeneratedRegex(@"\A([0-9]{3}|-1) ")]
    private static partial Regex StatusWord();

    [GeneratedRegex(
        """
        \A[0-9a-fA-F.:]+:[0-9]+\ \[[^\]]+\]\ \S+\ \S+/\S+\ -?\d+/-?\d+/-?\d+/-?\d+/\S+\ -?\d+\ \S+\ .*?\ .*?\ \S+\ \d+/\d+/\d+/\d+/\S+\ \d+/\d+
        \ (\{.*?\})?\ ?(\{.*?\})?\ ?
        "(<BADREQ>|(\w+\ (([A-Za-z]+://)?([A-Za-z0-9._-]+@)?([A-Za-z0-9.-]+|\[[0-9a-f:]+\])?(:\d+)?(/[A-Za-z0-9$.+!*'(){},~:;=@\#%&_/-]*)(\?[A-Za-z0-9$.+!*'|(){},~@\#%&/=:;_?\-\[\]<>]*)?)?(\ HTTP/[0-9.]+)?))?"
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline)]
    private static partial Regex Http();

    [GeneratedRegex(@"\A[0-9a-fA-F.:]+:[0-9]+ \[[^\]]+\] \S+: ", RegexOptions.Singleline)]
    private static partial Regex Failed();

    [GeneratedRegex(@"\AConnect from [0-9a-fA-F.:]+:[0-9]+ to [0-9a-fA-F.:]+:[0-9]+ \(.*\)\z", RegexOptions.Singleline)]
    private static partial Regex Connect();
}
