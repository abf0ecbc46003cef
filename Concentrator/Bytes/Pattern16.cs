using System.Runtime.Intrinsics;

namespace Concentrator.Bytes;

/// <summary>Compares sixteen bytes with a range each, in one step: the shape of a fixed-width text such as a timestamp.</summary>
internal static class Pattern16
{
    public const int Length = 16;

    /// <summary>
    /// Whether each of the first sixteen bytes is between those of <paramref name="lowest"/> and
    /// <paramref name="highest"/>, both included. All three hold at least sixteen bytes.
    /// </summary>
    public static bool Fits(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowest, ReadOnlySpan<byte> highest)
    {
        Vector128<byte> value = Vector128.Create(text);
        return Vector128.GreaterThanOrEqualAll(value, Vector128.Create(lowest))
            && Vector128.LessThanOrEqualAll(value, Vector128.Create(highest));
    }
}
