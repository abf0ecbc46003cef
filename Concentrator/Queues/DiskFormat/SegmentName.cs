using System.Globalization;

namespace Concentrator.Queues.DiskFormat;

/// <summary>
/// The name of a segment file: <c>NUMBER-TAG.segment</c>, the number in at least twelve decimal digits, the tag in sixteen
/// hexadecimal ones. The tag is in the name because damage to the file's bytes cannot affect it there.
/// </summary>
internal static class SegmentName
{
    /// <summary>Name of the one finished segment that is kept for reuse.</summary>
    public const string Spare = "spare";

    private const string Suffix = ".segment";
    private const int TagDigits = 16;
    private const int LeastNumberDigits = 12;

    public static string Of(long number, ulong tag) => string.Create(CultureInfo.InvariantCulture, $"{number:D12}-{tag:x16}{Suffix}");

    public static bool TryParse(string name, out long number, out ulong tag)
    {
        number = 0;
        tag = 0;
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash >= LeastNumberDigits && name.Length == dash + 1 + TagDigits + Suffix.Length
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0
            && number <= Sequence.Max
            && ulong.TryParse(name.AsSpan(dash + 1, TagDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out tag)
            && Of(number, tag) == name;
    }
}
