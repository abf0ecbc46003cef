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

    /// <summary>As <see cref="Of(ReadOnlySpan{byte}, byte)"/>, for the 64 bytes at <paramref name="first"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ref byte first, byte value) =>
        OfHalf(ref first, value) | ((ulong)OfHalf(ref Unsafe.Add(ref first, Length / 2), value) << (Length / 2));

    /// <summary>As <see cref="Of(ReadOnlySpan{byte}, byte)"/>, for the 32 bytes at <paramref name="first"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OfHalf(ref byte first, byte value)
    {
        // 16 bytes each: compiled natively, for any processor of the architecture, wider vectors are emulated.
        Vector128<byte> sought = Vector128.Create(value);
        uint low = Vector128.Equals(Vector128.LoadUnsafe(ref first), sought).ExtractMostSignificantBits();
        return low | (Vector128.Equals(Vector128.LoadUnsafe(ref first, 16), sought).ExtractMostSignificantBits() << 16);
    }

    /// <summary>Bit n is set where the byte n behind <paramref name="first"/>, of 32, is that of <paramref name="pattern"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OfEqual(ref byte first, ref byte pattern)
    {
        uint low = Vector128.Equals(Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref pattern)).ExtractMostSignificantBits();
        return low | (Vector128.Equals(Vector128.LoadUnsafe(ref first, 16), Vector128.LoadUnsafe(ref pattern, 16)).ExtractMostSignificantBits() << 16);
    }

    /// <summary>Bit n is set where the byte n behind <paramref name="first"/>, of 64, is no decimal digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfNonDigits(ref byte first)
    {
        // There is no unsigned comparison in every processor: moved so that '0' is the least signed byte, the digits are the ten lowest.
        Vector128<byte> shift = Vector128.Create((byte)(128 - '0'));
        Vector128<sbyte> nine = Vector128.Create((sbyte)(-128 + 9));
        uint lowest = Vector128.GreaterThan((Vector128.LoadUnsafe(ref first) + shift).AsSByte(), nine).ExtractMostSignificantBits();
        uint low = Vector128.GreaterThan((Vector128.LoadUnsafe(ref first, 16) + shift).AsSByte(), nine).ExtractMostSignificantBits();
        uint high = Vector128.GreaterThan((Vector128.LoadUnsafe(ref first, 32) + shift).AsSByte(), nine).ExtractMostSignificantBits();
        uint highest = Vector128.GreaterThan((Vector128.LoadUnsafe(ref first, 48) + shift).AsSByte(), nine).ExtractMostSignificantBits();
        return lowest | (low << 16) | ((ulong)(high | (highest << 16)) << 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong OfPiece(ReadOnlySpan<byte> text, byte value) => Of(ref MemoryMarshal.GetReference(text[..Length]), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OfHalf(ReadOnlySpan<byte> text, byte value) => OfHalf(ref MemoryMarshal.GetReference(text[..(Length / 2)]), value);
}
