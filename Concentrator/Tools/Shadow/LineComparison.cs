using System.Globalization;
using System.Text.RegularExpressions;

namespace Concentrator.Tools.Shadow;

/// <summary>Determines how two lines of the same message differ.</summary>
internal static partial class LineComparison
{
    private const char Delete = '\x7F';
    private const string EscapedDelete = "#177";

    /// <summary>rsyslog's names of a loopback sender: from <c>/etc/hosts</c> of Debian and RHEL, or without name resolution.</summary>
    private static readonly string[] LoopbackNames = ["localhost", "localhost.localdomain", "ip6-localhost", "127.0.0.1", "::1"];

    /// <summary>The differences; empty when the lines are equal byte for byte.</summary>
    public static IReadOnlyList<Difference> Compare(WrittenLine ours, WrittenLine theirs)
    {
        if (ours.Whole == theirs.Whole) return [];
        List<Difference> found = [];
        if (ours.Time != theirs.Time) found.Add(IsTraditional(ours) == IsTraditional(theirs) ? Difference.Time : Difference.TimeForm);
        if (ours.Host != theirs.Host) found.Add(LoopbackNames.Contains(theirs.Host) ? Difference.Localhost : Difference.Host);
        if (ours.Tag != theirs.Tag) found.Add(ours.Tag == $"{theirs.Tag}:" ? Difference.ColonAfterTag : Difference.Text);
        CompareText(ours.Text, theirs.Text, found);

        // All parts are equal but the whole is not: a blank between them differs.
        if (found.Count == 0) found.Add(Difference.Text);
        return found;
    }

    /// <summary>Only for lines that have a time.</summary>
    private static bool IsTraditional(WrittenLine line) => line.Time.Length > 0 && char.IsAsciiLetter(line.Time[0]);

    private static void CompareText(string ours, string theirs, List<Difference> found)
    {
        if (ours == theirs) return;
        if (theirs.StartsWith(' ') && !ours.StartsWith(' '))
        {
            found.Add(Difference.LeadingBlanks);
            theirs = theirs.TrimStart(' ');
        }
        if (ours == theirs) return;
        if (theirs.Contains(Delete) && ours.Contains(EscapedDelete, StringComparison.Ordinal))
        {
            found.Add(Difference.Delete);
            theirs = theirs.Replace($"{Delete}", EscapedDelete, StringComparison.Ordinal);
        }
        if (ours == theirs) return;
        string a = Unescape(ours);
        string b = Unescape(theirs);
        if (a == b || IsCutOff(a, b) || IsCutOff(b, a))
        {
            if (!ours.StartsWith(theirs, StringComparison.Ordinal) && !theirs.StartsWith(ours, StringComparison.Ordinal))
                found.Add(Difference.ControlBytes);
            if (a.Length > b.Length) found.Add(Difference.TheirsIsCut);
            if (b.Length > a.Length) found.Add(Difference.OursIsCut);
            return;
        }
        found.Add(Difference.Text);
    }

    private static bool IsCutOff(string whole, string part) => part.Length > 0 && whole.StartsWith(part, StringComparison.Ordinal);

    /// <summary>Decodes <c>#012</c>, the form in which both programs write a control byte.</summary>
    private static string Unescape(string text) => Escapes().Replace(
        text, static match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex("#(0[0-3][0-7]|177)")]
    private static partial Regex Escapes();
}
