using System.Runtime.Intrinsics;

namespace Concentrator.Bytes;

/// <summary>Where a byte stands in a piece of 64 bytes, as bits: one look for all of them, where a search for each costs a call.</summary>
internal static class ByteMask
{
    /// <summary>Bytes of a piece.</summary>
    public const int Length = 64;

    /// <summary>Bit n is set where <paramref name="text"/> has <paramref name="value"/> at n. What is behind its end, or the first 64 bytes, has no bits.</summary>
    public static ulong Of(ReadOnlySpan<byte> text, byte value)
    {
        if (text.Length >= Length) return OfPiece(text, value);
        if (text.Length >= Length / 2)
        {
            // Two halves that overlap.
            int second = text.Length - Length / 2;
            return OfHalf(text, value) | ((ulong)OfHalf(text[second..], value) << second);
        }
        ulong mask = 0;
        for (int at = 0; at < text.Length; at++)
            if (text[at] == value) mask |= 1UL << at;
        return mask;
    }

    private static ulong OfPiece(ReadOnlySpan<byte> text, byte value) => OfHalf(text, value) | ((ulong)OfHalf(text[(Length / 2)..], value) << (Length / 2));

    private static uint OfHalf(ReadOnlySpan<byte> text, byte value) => Vector256.Equals(Vector256.Create(text), Vector256.Create(value)).ExtractMostSignificantBits();
}
