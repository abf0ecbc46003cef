using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Concentrator.Messages.HAProxyLines;

// Each set is chosen so that few instructions tell it, 16 bytes at a time, and has all that URIs are commonly made of. Bytes compare as signed ones, so those above
// 127 are below all others.

/// <summary>
/// Whether a URI, of a line without control bytes, holds nothing but characters that Sekoia.io's parser reads, and that are common: what is not so, as <c>=</c> in a path or <c>!</c>, may still be read, which
/// <see cref="UriBytes"/> tells more slowly.
/// </summary>
internal static class UsualUri
{
    /// <param name="start">A text, with at least 16 bytes before <paramref name="end"/>.</param>
    /// <param name="at">Where the path begins.</param>
    /// <param name="end">Where the path, or its query, ends; not before <paramref name="at"/>.</param>
    public static bool IsAll(ref byte start, int at, int end)
    {
        int last = end - Vector128<byte>.Count;
        uint odd = 0;
        for (; at <= last; at += Vector128<byte>.Count)
        {
            odd = OddInPath(Load(ref start, at)).ExtractMostSignificantBits();
            if (odd != 0) break;
        }

        // The last bytes once more, with those before them.
        if (at > last) odd = OddInPath(Load(ref start, last)).ExtractMostSignificantBits() >> (at - last);
        if (odd == 0) return true;
        at += BitOperations.TrailingZeroCount(odd);
        return Unsafe.Add(ref start, at) == '?' && IsQuery(ref start, at + 1, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsQuery(ref byte start, int at, int end)
    {
        Vector128<byte> odd = Vector128<byte>.Zero;
        int last = end - Vector128<byte>.Count;
        for (; at <= last - Vector128<byte>.Count; at += 2 * Vector128<byte>.Count)
            odd |= OddInQuery(Load(ref start, at)) | OddInQuery(Load(ref start, at + Vector128<byte>.Count));
        if (at <= last)
        {
            odd |= OddInQuery(Load(ref start, at));
            at += Vector128<byte>.Count;
        }
        return (odd.ExtractMostSignificantBits() | (OddInQuery(Load(ref start, last)).ExtractMostSignificantBits() >> (at - last))) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load(ref byte start, int at) => Vector128.LoadUnsafe(ref start, (nuint)at);

    /// <summary>Controls, blank, <c>! " &lt; = &gt; ? [ \ ] ^ ` { | } ~</c>, and what is not ASCII. The question mark ends the path.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> OddInPath(Vector128<byte> bytes) =>
        Below(bytes, '#')
        | Vector128.GreaterThan(bytes.AsSByte(), Vector128.Create((sbyte)'z')).AsByte()
        | Vector128.Equals(bytes & Vector128.Create((byte)0xFC), Vector128.Create((byte)'<'))
        | Vector128.Equals(bytes, Vector128.Create((byte)'`'))
        | Vector128.GreaterThan((bytes + Vector128.Create((byte)(127 - '^'))).AsSByte(), Vector128.Create((sbyte)(127 - '^' + '[' - 1))).AsByte();

    /// <summary>Controls but for 127, blank, <c>! " \ ^ `</c>, and what is not ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> OddInQuery(Vector128<byte> bytes) =>
        Below(bytes, '#')
        | Vector128.Equals(bytes, Vector128.Create((byte)'`'))
        | Vector128.Equals(bytes | Vector128.Create((byte)('\\' ^ '^')), Vector128.Create((byte)('\\' | '^')));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Below(Vector128<byte> bytes, char limit) => Vector128.LessThan(bytes.AsSByte(), Vector128.Create((sbyte)limit)).AsByte();
}
