using System.Text.RegularExpressions;

namespace Concentrator.Tools.Shadow;

/// <summary>
/// A line of a log file in its parts: <c>TIME HOST TAG TEXT</c>, the time in the traditional (<c>Nov 22 06:13:25</c>) or in RFC
/// 3339 form. Bytes stand as Latin-1 characters, one each.
/// </summary>
internal sealed partial record WrittenLine(string Whole, string Time, string Host, string Tag, string Text)
{
    /// <summary>Characters of tag and text by which two lines are taken for the same message.</summary>
    private const int KeyLength = 160;

    /// <summary>Without host, time, and what the two programs are known to write differently.</summary>
    public string Key { get; } = KeyOf(Tag, Text);

    /// <summary>A line that has no such parts is all text.</summary>
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
