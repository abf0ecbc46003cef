using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>
/// The request in quotes: <c>GET /path?query HTTP/1.1</c>. Sekoia.io's parser expects a method, a path with an optional scheme, user and host before
/// it, and a version; a character outside its sets for path and query makes it refuse the whole line.
/// </summary>
internal static class QuotedRequest
{
    /// <summary>
    /// Whether a line ends with a request that needs no closer look: <c>"GET /path?query HTTP/1.1"</c>, all of it expected. What is not so may still be.
    /// </summary>
    /// <param name="text">A line without control bytes.</param>
    /// <param name="at">Where its request begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUsual(ReadOnlySpan<byte> text, int at)
    {
        int end = text.Length - " HTTP/1.1\"".Length;
        if (end < Vector128<byte>.Count || end - at < "\"GET /".Length) return false;
        ref byte start = ref MemoryMarshal.GetReference(text);
        if (Eight(ref start, end) != Eight(" HTTP/1."u8) || Eight(ref start, end + 2) != Eight("TTP/1.1\""u8)) return false;
        ulong begin = Eight(ref start, at);
        if (begin << 16 == Eight("\"GET /  "u8) << 16) at += "\"GET /".Length;
        else if (begin << 8 == Eight("\"POST / "u8) << 8) at += "\"POST /".Length;
        else return false;
        return UsualUri.IsAll(ref start, at, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Eight(ref byte start, int at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Eight(ReadOnlySpan<byte> word) => Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(word));

    /// <summary>Reads the request behind its opening quote.</summary>
    /// <param name="text">The rest of the line.</param>
    /// <param name="length">Bytes up to and including the closing quote.</param>
    /// <returns><see cref="LineKind.Request"/>, <see cref="LineKind.OddUri"/>, or <see cref="LineKind.Truncated"/> without a closing quote.</returns>
    public static LineKind Scan(ReadOnlySpan<byte> text, out int length)
    {
        if (TryReadExpected(text, out length)) return LineKind.Request;
        length = text.IndexOf((byte)'"') + 1;
        if (length == 0) return LineKind.Truncated;
        return text[..length] is [(byte)'"'] || text[..length].SequenceEqual("<BADREQ>\""u8) ? LineKind.Request : LineKind.OddUri;
    }

    private static bool TryReadExpected(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        int at = WordLength(text);
        if (at == 0 || at >= text.Length || text[at] != ' ') return false;
        at++;
        if (at < text.Length && text[at] != '/' && !TrySkipAuthority(text, ref at)) return false;
        at = UriBytes.EndOfPath(text, at);
        if (at < text.Length && text[at] == '?') at = UriBytes.EndOfQuery(text, at + 1);
        if (at >= text.Length) return false;

        // HTTP/1.1 and the like; an HTTP/0.9 request has none.
        if (text[at..].StartsWith(" HTTP/"u8))
        {
            at += " HTTP/"u8.Length;
            int number = at;
            while (at < text.Length && (Digits.IsDigit(text[at]) || text[at] == '.')) at++;
            if (at == number) return false;
        }
        if (at >= text.Length || text[at] != '"') return false;
        length = at + 1;
        return true;
    }

    /// <summary>Skips <c>https://user@host:port</c> before a path. Whatever stands there without a path behind it is refused.</summary>
    private static bool TrySkipAuthority(ReadOnlySpan<byte> text, ref int at)
    {
        ReadOnlySpan<byte> rest = text[at..];
        int end = rest.IndexOfAny((byte)' ', (byte)'"');
        if (end < 0) return false;
        ReadOnlySpan<byte> uri = rest[..end];
        int scheme = uri.IndexOf("://"u8);
        int path = uri[(scheme < 0 ? 0 : scheme + 3)..].IndexOf((byte)'/');
        if (path < 0 || uri[0] == '*') return false;
        at += (scheme < 0 ? 0 : scheme + 3) + path;
        return true;
    }

    private static int WordLength(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (at < text.Length && IsWordByte(text[at])) at++;
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsWordByte(byte value) => (uint)((value | 0x20) - 'a') <= 'z' - 'a' || Digits.IsDigit(value) || value == '_';
}
