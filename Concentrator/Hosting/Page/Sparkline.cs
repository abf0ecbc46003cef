using System.Globalization;

namespace Concentrator.Hosting.Page;

/// <summary>A series as the points of a line, 118 wide and 20 high, the newest value at the right; <c>page.js</c> draws the same.</summary>
internal static class Sparkline
{
    public const int Height = 20;

    /// <summary>For an SVG's <c>polyline</c>. The line touches the top where the series is highest.</summary>
    public static string Points(ReadOnlySpan<float> values)
    {
        float most = 0;
        foreach (float value in values) most = Math.Max(most, value);
        string[] points = new string[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            double y = most > 0 ? Height - (Height * values[i] / most) : Height;
            points[i] = string.Create(CultureInfo.InvariantCulture, $"{i},{Math.Round(y, 1)}");
        }
        return string.Join(' ', points);
    }

    /// <summary>The values with one decimal, for the script to continue from.</summary>
    public static string Values(ReadOnlySpan<float> values)
    {
        string[] texts = new string[values.Length];
        for (int i = 0; i < values.Length; i++) texts[i] = Math.Round(values[i], 1).ToString(CultureInfo.InvariantCulture);
        return string.Join(',', texts);
    }
}
