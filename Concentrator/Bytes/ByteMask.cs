using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong OfPiece(ReadOnlySpan<byte> text, byte value) => OfHalf(text, value) | ((ulong)OfHalf(text[(Length / 2)..], value) << (Length / 2));

    // Of 16 bytes each: compiled natively, for any processor of the architecture, wider ones are emulated.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OfHalf(ReadOnlySpan<byte> text, byte value)
    {
        Vector128<byte> sought = Vector128.Create(value);
        ref byte first = ref MemoryMarshal.GetReference(text[..(Length / 2)]);
        uint low = Vector128.Equals(Vector128.LoadUnsafe(ref first), sought).ExtractMostSignificantBits();
        uint high = Vector128.Equals(Vector128.LoadUnsafe(ref first, 16), sought).ExtractMostSignificantBits();
        return low | (high << 16);
    }
}
