using System.Globalization;
using Concentrator.Configuration.Values;
using Concentrator.Messages;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Reads <c>Routes[].Severity</c> into a bit per severity: one name means that severity and everything worse,
/// <c>A..B</c> in either order means everything between the two, both included.
/// </summary>
internal static class SeverityCondition
{
    private static readonly (string Name, Severity Severity)[] Names =
    [
        ("emerg", Severity.Emerg), ("alert", Severity.Alert), ("crit", Severity.Crit), ("err", Severity.Err),
        ("warning", Severity.Warning), ("notice", Severity.Notice), ("info", Severity.Info), ("debug", Severity.Debug),
        ("panic", Severity.Emerg), ("emergency", Severity.Emerg), ("critical", Severity.Crit), ("error", Severity.Err),
        ("warn", Severity.Warning), ("informational", Severity.Info),
    ];

    public static Parsed<byte> Parse(string text)
    {
        string[] ends = text.Split("..");
        if (ends.Length > 2)
        {
            return new Problem($"{Problem.Quote(text)} is not a range; write two severities, for example \"info..emerg\"");
        }
        if (Find(ends[0]) is not Severity first)
        {
            return Unknown(ends[0]);
        }
        if (ends.Length == 1)
        {
            return Between(Severity.Emerg, first);
        }
        return Find(ends[1]) is Severity second ? Between(first, second) : Unknown(ends[1]);
    }

    /// <summary>Formats one contiguous run of bits in the form that <see cref="Parse"/> reads.</summary>
    public static string Format(byte severities)
    {
        string worst = Names[byte.TrailingZeroCount(severities)].Name;
        string least = Names[byte.Log2(severities)].Name;
        return (severities & 1) != 0 ? least : $"{least}..{worst}";
    }

    private static byte Between(Severity one, Severity other)
    {
        int low = Math.Min((int)one, (int)other);
        int high = Math.Max((int)one, (int)other);
        return (byte)(((1 << (high + 1)) - 1) & ~((1 << low) - 1));
    }

    private static Severity? Find(string text)
    {
        string name = text.Trim();
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number <= (int)Severity.Debug ? (Severity)number : null;
        }
        int index = Array.FindIndex(Names, known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : Names[index].Severity;
    }

    private static Problem Unknown(string text) => new(
        $"{Problem.Quote(text.Trim())} is not a severity; write emerg, alert, crit, err, warning, notice, info or debug (matches that severity and worse), "
        + $"or a range such as \"info..emerg\"{NearestName.Hint(text.Trim(), Names.Select(known => known.Name))}");
}
