using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Concentrator.Messages.HAProxyLines;

// Both sets are printable ASCII without a few characters, so ranges and comparisons tell them, 16 bytes at a time. A table would need an instruction (PSHUFB)
// that a native binary, compiled for any processor of the architecture, has to ask for at each use.

/// <summary>
/// The characters that Sekoia.io's parser expects in a request's path and query: printable ASCII but for the quote, the backslash, <c>^</c> and <c>`</c>, and
/// in the path but for <c>?</c>, <c>|</c>, <c>[</c>, <c>]</c>, <c>&lt;</c> and <c>&gt;</c>.
/// </summary>
internal static class UriBytes
{
    /// <summary>Where, from <paramref name="at"/> on, the first byte stands that a path may not have; the text's length if there is none.</summary>
    public static int EndOfPath(ReadOnlySpan<byte> text, int at) => End(text, at, isPath: true);

    /// <summary>As <see cref="EndOfPath"/>, for the query.</summary>
    public static int EndOfQuery(ReadOnlySpan<byte> text, int at) => End(text, at, isPath: false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int End(ReadOnlySpan<byte> text, int at, bool isPath)
    {
        ref byte start = ref MemoryMarshal.GetReference(text);
        for (; at <= text.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            uint strange = Strange(Vector128.LoadUnsafe(ref start, (nuint)at), isPath).ExtractMostSignificantBits();
            if (strange != 0) return at + BitOperations.TrailingZeroCount(strange);
        }
        int last = text.Length - Vector128<byte>.Count;
        if (last < 0) return EndOfShort(text, at, isPath);

        // The last bytes once more with those before them.
        uint rest = Strange(Vector128.LoadUnsafe(ref start, (nuint)last), isPath).ExtractMostSignificantBits() >> (at - last);
        return rest == 0 ? text.Length : at + BitOperations.TrailingZeroCount(rest);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int EndOfShort(ReadOnlySpan<byte> text, int at, bool isPath)
    {
        while (at < text.Length && Strange(Vector128.Create(text[at]), isPath) == default) at++;
        return at;
    }

    /// <summary>All bits of each byte that is not of the set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Strange(Vector128<byte> bytes, bool isPath)
    {
        // What is no printable ASCII is one range of bytes that goes on from 255 to 0: moved to the top of the signed ones, a comparison tells it. So are
        // [ to ^ below.
        Vector128<byte> strange = Vector128.GreaterThan((bytes + Vector128.Create((byte)(127 - ' '))).AsSByte(), Vector128.Create((sbyte)(126 + 127 - ' ' - 256))).AsByte()
            | Equals(bytes, (byte)'"') | Equals(bytes, (byte)'`');
        if (!isPath) return strange | EqualsEither(bytes, (byte)'\\', (byte)'^');
        return strange | EqualsEither(bytes, (byte)'<', (byte)'>') | Equals(bytes, (byte)'?') | Equals(bytes, (byte)'|')
            | Vector128.GreaterThan((bytes + Vector128.Create((byte)(127 - '^'))).AsSByte(), Vector128.Create((sbyte)(127 - '^' + '[' - 1))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Equals(Vector128<byte> bytes, byte value) => Vector128.Equals(bytes, Vector128.Create(value));

    /// <summary>For two values that differ in one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> EqualsEither(Vector128<byte> bytes, byte one, byte other) =>
        Vector128.Equals(bytes | Vector128.Create((byte)(one ^ other)), Vector128.Create((byte)(one | other)));
}
