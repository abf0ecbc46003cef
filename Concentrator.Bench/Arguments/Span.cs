using System.Globalization;

namespace Concentrator.Bench.Arguments;

/// <summary>Parses durations of the command line: <c>10</c> (seconds), <c>500ms</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class Span
{
    public const string Example = "write a duration such as 10 (seconds), 500ms, 2m or 1h";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>False if the text is not a duration, or is longer than a week.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        (string Unit, double Seconds) unit = Array.Find(Units, known => text.EndsWith(known.Unit, StringComparison.Ordinal));
        string digits = unit.Unit is null ? text : text[..^unit.Unit.Length];
        bool isNumber = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
        double seconds = number * (unit.Unit is null ? 1 : unit.Seconds);
        bool parsed = isNumber && seconds <= Longest.TotalSeconds;
        span = parsed ? TimeSpan.FromSeconds(seconds) : default;
        return parsed;
    }
}
