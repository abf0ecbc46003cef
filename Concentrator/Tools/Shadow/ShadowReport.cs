using System.Globalization;
using System.Text;

namespace Concentrator.Tools.Shadow;

/// <summary>Writes the result of a comparison as text.</summary>
internal static class ShadowReport
{
    /// <summary>Characters of an example that are shown.</summary>
    private const int Shown = 200;

    /// <summary>True when lines were compared and only known differences were found.</summary>
    public static bool IsGood(ShadowTally tally) => tally.Pairs > 0 && tally.Findings.Keys.All(static kind => kind.IsExpected());

    public static void Write(ShadowTally tally, string theirs, TextWriter output)
    {
        output.WriteLine($"{Number(tally.Pairs)} lines in both {theirs} and ours, {Number(tally.Same)} of them identical"
            + (tally.Undecided > 0 ? $"; {Number(tally.Undecided)} too recent to compare" : ""));
        foreach ((Difference kind, Finding finding) in tally.Findings)
        {
            output.WriteLine($"{(kind.IsExpected() ? "known " : "DIFFERS")} {Number(finding.Count)} x {kind.Explanation()}");
            if (finding.Ours is { } ours) output.WriteLine($"        ours:   {Show(ours)}");
            if (finding.Theirs is { } other) output.WriteLine($"        theirs: {Show(other)}");
        }
        output.WriteLine(tally.Pairs == 0 ? "nothing to compare: no line appears in both files"
            : IsGood(tally) ? "only known differences"
            : "there are differences; docs/guide/from-rsyslog.md lists the known ones under \"The file beside rsyslog's\"");
    }

    /// <summary>Escapes a line for the terminal: it stays on one line, without the sender's control bytes.</summary>
    private static string Show(string line)
    {
        StringBuilder shown = new();
        foreach (char c in line.AsSpan(0, Math.Min(line.Length, Shown)))
        {
            if (char.IsControl(c)) shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else shown.Append(c);
        }
        return line.Length > Shown ? $"{shown}… ({Number(line.Length)} bytes)" : shown.ToString();
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
