using System.Globalization;

namespace Concentrator.Configuration.Values;

/// <summary>
/// Durations as the configuration writes them: <c>hh:mm:ss</c>, with any number of hours and up to three decimals of a
/// second. <see cref="TimeSpan.Parse(string)"/> is unsuitable: it reads <c>24:00:00</c> as 24 days and <c>5</c> as five days.
/// </summary>
internal static class Duration
{
    /// <summary>Reads a duration and checks that it is in [zero, <paramref name="most"/>].</summary>
    public static Parsed<TimeSpan> Parse(string text, TimeSpan most) => Parse(text, TimeSpan.Zero, most);

    /// <summary>Reads a duration and checks that it is in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public static Parsed<TimeSpan> Parse(string text, TimeSpan least, TimeSpan most) =>
        !TryParse(text, out TimeSpan duration)
            ? new Problem($"{Problem.Quote(text)} is not a duration; write hours:minutes:seconds, for example \"00:00:10\" for ten seconds")
        : duration >= least && duration <= most ? duration
        : new Problem($"{Problem.Quote(text)} is out of range; the allowed range is {Format(least)} to {Format(most)}");

    public static string Format(TimeSpan duration)
    {
        string whole = string.Create(
            CultureInfo.InvariantCulture, $"{(long)duration.TotalHours:00}:{duration.Minutes:00}:{duration.Seconds:00}");
        return duration.Milliseconds == 0 ? whole : string.Create(CultureInfo.InvariantCulture, $"{whole}.{duration.Milliseconds:000}");
    }

    private static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        string[] parts = text.Split(':');
        if (parts.Length != 3)
        {
            return false;
        }
        string[] seconds = parts[2].Split('.');
        string fraction = seconds.Length == 2 ? seconds[1] : "0";
        if (seconds.Length > 2
            || !TryDigits(parts[0], 1, 5, out int hours)
            || !TryDigits(parts[1], 2, 2, out int minutes) || minutes > 59
            || !TryDigits(seconds[0], 2, 2, out int second) || second > 59
            || !TryDigits(fraction, 1, 3, out _))
        {
            return false;
        }
        int milliseconds = int.Parse(fraction.PadRight(3, '0'), CultureInfo.InvariantCulture);
        duration = TimeSpan.FromMilliseconds((((((hours * 60L) + minutes) * 60) + second) * 1000) + milliseconds);
        return true;
    }

    private static bool TryDigits(string text, int least, int most, out int value)
    {
        value = 0;
        return text.Length >= least && text.Length <= most
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
