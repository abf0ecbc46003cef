using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>A request's line behind its times: <c>200 98 - - ---- 2/2/0/0/0 0/0 {..} {..} "GET / HTTP/1.1" …</c>.</summary>
internal static class RequestEnd
{
    /// <summary>Captured cookies may hold blanks; beyond this many words no termination state is looked for.</summary>
    private const int MostWords = 40;

    public static LineKind Scan(ReadOnlySpan<byte> rest, ref HAProxyLine line)
    {
        // The status: three digits or -1, and a blank.
        if (rest.Length < 4) return HAProxyLineScanner.Cut(ref line);
        if (rest[3] == ' ' && Digits.IsDigit(rest[0]) && Digits.ReadTwo(rest, 1) is >= 0 and int low)
        {
            line.Status = (rest[0] - '0') * 100 + low;
            rest = rest[4..];
        }
        else if (rest.StartsWith("-1 "u8))
        {
            line.Status = -1;
            rest = rest[3..];
        }
        else
        {
            return HAProxyLineScanner.Unknown(rest, ref line);
        }

        // The bytes, then both cookies.
        int end = rest.IndexOf((byte)' ');
        if (end < 0) return HAProxyLineScanner.Cut(ref line);
        rest = rest[(end + 1)..];
        if (rest.StartsWith("- - "u8)) rest = rest[4..];
        else if (!TrySkipCookies(ref rest)) return HAProxyLineScanner.Cut(ref line);

        // The termination state, the counts of connections and the queues.
        if (rest.Length < 5) return HAProxyLineScanner.Cut(ref line);
        if (rest[4] != ' ' || rest[..4].Contains((byte)' ')) return HAProxyLineScanner.Unknown(rest, ref line);
        line.Cause = rest[0];
        line.Phase = rest[1];
        rest = rest[5..];
        for (int numbers = 0; numbers < 2; numbers++)
        {
            end = rest.IndexOf((byte)' ');
            if (end < 0) return HAProxyLineScanner.Cut(ref line);
            if (end == 0 || !Digits.IsDigit(rest[0])) return HAProxyLineScanner.Unknown(rest, ref line);
            rest = rest[(end + 1)..];
        }
        line.IsTraffic = true;
        return ScanRequest(rest, ref line);
    }

    /// <summary>Skips the words before the termination state, at least two: it has four characters, and a number follows.</summary>
    private static bool TrySkipCookies(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> from = rest;
        for (int words = 0; words < MostWords; words++)
        {
            if (words >= 2 && from.Length > 5 && from[4] == ' ' && Digits.IsDigit(from[5]) && from[..4].IndexOf((byte)' ') < 0)
            {
                rest = from;
                return true;
            }
            int end = from.IndexOf((byte)' ');
            if (end < 0) return false;
            from = from[(end + 1)..];
        }
        return false;
    }

    private static LineKind ScanRequest(ReadOnlySpan<byte> rest, ref HAProxyLine line)
    {
        if (rest.IsEmpty) return Cut(ref line);
        if (rest[0] != '"')
        {
            if (rest[0] != '{') return Custom(rest, ref line);
            int quote = rest.IndexOf("\""u8);
            if (quote < 0) return Cut(ref line);
            if (!AreCaptures(rest[..quote])) return Custom(rest, ref line);
            rest = rest[quote..];
        }
        LineKind kind = QuotedRequest.Scan(rest[1..], out int length);
        if (kind == LineKind.Truncated) return Cut(ref line);
        ReadOnlySpan<byte> tail = rest[(1 + length)..];
        return tail.IsEmpty ? kind : ScanTail(tail, kind, ref line);
    }

    /// <summary>Whether the text is one or two groups in braces, each with a blank behind it.</summary>
    private static bool AreCaptures(ReadOnlySpan<byte> text) => text.Length >= 3 && text[^1] == ' ' && text[^2] == '}';

    /// <summary>What stands behind the request: the TLS fields of <c>httpslog</c>, or fields that an administrator has added.</summary>
    private static LineKind ScanTail(ReadOnlySpan<byte> tail, LineKind kind, ref HAProxyLine line)
    {
        int mark = tail.LastIndexOf(" lc="u8);
        if (mark >= 0)
        {
            ReadOnlySpan<byte> number = tail[(mark + 4)..];
            if (!number.IsEmpty && number.Length <= 18 && Digits.CountLeading(number) == number.Length)
            {
                long value = 0;
                foreach (byte digit in number) value = value * 10 + (digit - '0');
                line.LogCounter = value;
                tail = tail[..mark];
            }
        }
        return kind == LineKind.Request && !tail.StartsWith(" TLSv"u8) && tail.IndexOf("/TLSv"u8) >= 0 ? LineKind.RequestWithTlsVersion : kind;
    }

    /// <summary>As for any line that was cut; but all that is counted of a request stands before this point.</summary>
    private static LineKind Cut(ref HAProxyLine line)
    {
        line.IsUnfinished = true;
        return LineKind.Truncated;
    }

    /// <summary>Fields of the administrator's own before the request: the parser does not expect them, but what is counted stands before them.</summary>
    private static LineKind Custom(ReadOnlySpan<byte> rest, ref HAProxyLine line)
    {
        line.IsUnfinished = (rest.Count((byte)'"') & 1) == 1;
        return LineKind.Custom;
    }
}
