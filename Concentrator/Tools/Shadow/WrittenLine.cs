using System.Text.RegularExpressions;

namespace Concentrator.Tools.Shadow;

/// <summary>
/// A line of a log file, split into <c>TIME HOST TAG TEXT</c>. The time is traditional (<c>Nov 22 06:13:25</c>) or RFC 3339. Each byte is
/// one Latin-1 character.
/// </summary>
internal sealed partial record WrittenLine(string Whole, string Time, string Host, string Tag, string Text)
{
    /// <summary>Characters of tag and text that must match for two lines to be the same message.</summary>
    private const int KeyLength = 160;

    /// <summary>Excludes the host, the time, and what the two programs are known to write differently.</summary>
    public string Key { get; } = KeyOf(Tag, Text);

    /// <summary>Splits a line. One without these parts is all text.</summary>
    public static WrittenLine Parse(string line)
    {
        Match match = Parts().Match(line);
        return match.Success
            ? new WrittenLine(line, match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value)
            : new WrittenLine(line, "", "", "", line);
    }

    private static string KeyOf(string tag, string text)
    {
        string key = $"{tag.TrimEnd(':')} {text.TrimStart(' ')}".Replace("\x7F", "#177", StringComparison.Ordinal);
        return key.Length > KeyLength ? key[..KeyLength] : key;
    }

    [GeneratedRegex(@"^([A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[^ ]+) ([^ ]+) ([^ ]*)(?: (.*))?$", RegexOptions.Singleline)]
    private static partial Regex Parts();
}
