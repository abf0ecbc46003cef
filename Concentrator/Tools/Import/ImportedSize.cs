using System.Globalization;

namespace Concentrator.Tools.Import;

/// <summary>rsyslog's sizes: a number with k, m, g (powers of 1024) or K, M, G (powers of 1000).</summary>
internal static class ImportedSize
{
    public static bool TryRead(string text, out long bytes)
    {
        bytes = 0;
        if (text.Length == 0) return false;
        long unit = text[^1] switch
        {
            'k' => 1L << 10,
            'm' => 1L << 20,
            'g' => 1L << 30,
            'K' => 1_000,
            'M' => 1_000_000,
            'G' => 1_000_000_000,
            _ => 1,
        };
        ReadOnlySpan<char> digits = unit == 1 ? text : text.AsSpan(0, text.Length - 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > long.MaxValue / unit) return false;
        bytes = number * unit;
        return true;
    }
}
