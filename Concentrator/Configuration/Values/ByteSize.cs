using System.Globalization;

namespace Concentrator.Configuration.Values;

/// <summary>
/// Sizes as the configuration writes them: plain bytes or a whole number with <c>B</c>, <c>KB</c>, <c>MB</c>, <c>GB</c> or
/// <c>TB</c>, all powers of 1024, letter case ignored.
/// </summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>Reads a size and checks that it is in [<paramref name="least"/>, <paramref name="most"/>] bytes.</summary>
    public static Parsed<long> Parse(string text, long least, long most) =>
        !Parse(text).TryGet(out long size, out string? problem) ? new Problem(problem)
        : size >= least && size <= most ? size
        : new Problem($"{Problem.Quote(text)} is out of range; the allowed range is {Format(least)} to {Format(most)}");

    /// <summary>Reads a size of any magnitude that fits a <see cref="long"/>.</summary>
    public static Parsed<long> Parse(string text)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }
        string unit = text[digits..];
        int power = unit.Length == 0 ? 0 : Array.FindIndex(Units, known => known.Equals(unit, StringComparison.OrdinalIgnoreCase));
        if (digits == 0 || power < 0)
        {
            return new Problem($"{Problem.Quote(text)} is not a size; write a number of bytes, or a whole number with KB, MB, GB or TB, "
                + "for example \"512KB\" or \"5GB\"");
        }
        return long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= long.MaxValue >> (10 * power)
            ? number << (10 * power)
            : new Problem($"{Problem.Quote(text)} is too large; the largest size is {Format(MaxWholeTerabytes)}");
    }

    /// <summary>The shortest exact form of <paramref name="bytes"/> (not negative); <c>Parse</c> reads it back.</summary>
    public static string Format(long bytes)
    {
        int power = 0;
        while (power < Units.Length - 1 && bytes != 0 && bytes % 1024 == 0)
        {
            bytes /= 1024;
            power++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{bytes}{Units[power]}");
    }

    private const long MaxWholeTerabytes = long.MaxValue >> 40 << 40;
}
