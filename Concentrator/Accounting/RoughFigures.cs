using System.Globalization;

namespace Concentrator.Accounting;

/// <summary>Formats sizes and durations for people: about two figures, in a suitable unit.</summary>
internal static class RoughFigures
{
    private static readonly string[] SizeUnits = ["bytes", "KB", "MB", "GB", "TB"];

    /// <summary>In powers of 1024, as everywhere in the configuration: <c>412 MB</c>, <c>1.2 GB</c>.</summary>
    public static string Size(long bytes)
    {
        double size = bytes;
        int unit = 0;
        for (; size >= 1000 && unit < SizeUnits.Length - 1; unit++) size /= 1024;
        return Say(size, SizeUnits[unit]);
    }

    /// <summary><c>45 s</c>, <c>12 min</c>, <c>5 h</c>, <c>3 days</c>.</summary>
    public static string Duration(TimeSpan duration) => Duration(duration.TotalSeconds);

    /// <param name="seconds">Finite, not negative.</param>
    public static string Duration(double seconds) => seconds switch
    {
        < 1 => "less than 1 s",
        < 90 => Say(Math.Round(seconds), "s"),
        < 90 * 60 => Say(Math.Round(seconds / 60), "min"),
        < 36 * 3600 => Say(Math.Round(seconds / 3600), "h"),
        _ => Say(Math.Round(seconds / 86400), "days"),
    };

    private static string Say(double number, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{number.ToString(number < 9.95 ? "0.#" : "0", CultureInfo.InvariantCulture)} {unit}");
}
