using System.Globalization;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Taps;

/// <summary>A time as people type it for a command: <c>10s</c>, <c>5m</c>, <c>1h</c>, or <c>hh:mm:ss</c> as the configuration has it.</summary>
internal static class ShortTime
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Most = TimeSpan.FromDays(31);

    public static Parsed<TimeSpan> Parse(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal)) return Duration.Parse(text, Least, Most);
        double unit = text.Length < 2 ? 0 : text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => 0,
        };
        return unit > 0 && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            && number * unit >= Least.TotalSeconds && number * unit <= Most.TotalSeconds
            ? TimeSpan.FromSeconds(number * unit)
            : new Problem($"{Problem.Quote(text)} is not a time; write 10s, 5m, 1h or hh:mm:ss");
    }
}
