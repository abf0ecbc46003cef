using System.Globalization;
using Concentrator.Accounting;

namespace Concentrator.Hosting.Page;

/// <summary>Values as the page shows them. <c>page.js</c> formats the same way; a test compares the two.</summary>
internal static class Figures
{
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A second: one decimal below ten.</summary>
    public static string Rate(double perSecond) => perSecond < 9.95
        ? perSecond.ToString("0.#", CultureInfo.InvariantCulture)
        : perSecond.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>How long until the queue is empty.</summary>
    public static string Drain(double? seconds, long queued) => seconds switch
    {
        null => "no estimate of the backlog yet",
        0 => queued == 0 ? "nothing waits" : "too few for an estimate",
        { } known when double.IsFinite(known) => $"backlog gone in {RoughFigures.Duration(known)}",
        _ => "the backlog does not shrink",
    };

    /// <summary>How long an outage the queue has room for.</summary>
    public static string Autonomy(double? seconds) => seconds switch
    {
        null => "no estimate of the room yet",
        { } known when double.IsFinite(known) => $"at the rate of the last half minute room for an outage of {RoughFigures.Duration(known)}",
        _ => "room for any outage while nothing arrives",
    };

    /// <summary>The day on which a certificate ends, and how far away that is.</summary>
    public static string Certificate(DateTime ends, DateTime now)
    {
        string day = ends.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        long days = (long)Math.Floor((ends.ToUniversalTime() - now).TotalDays);
        return days < 0 ? $"certificate ended {day}" : $"certificate ends {day}, in {Number(days)} {(days == 1 ? "day" : "days")}";
    }

    /// <summary>The highest value of a series.</summary>
    public static string Highest(float[] perSecond) => $"at most {Rate(perSecond.Max())} in ten minutes";

    /// <summary>Percent, whole.</summary>
    public static string Percent(long part, long whole) =>
        (whole <= 0 ? 0 : Math.Clamp(Math.Round(100.0 * part / whole), 0, 100)).ToString("0", CultureInfo.InvariantCulture);
}
