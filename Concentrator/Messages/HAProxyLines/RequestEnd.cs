using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>A request's line behind its times: <c>200 98 - - ---- 2/2/0/0/0 0/0 {..} {..} "GET / HTTP/1.1" …</c>.</summary>
internal static class RequestEnd
{
    /// <summary>Captured cookies may hold blanks; beyond this many words no termination state is looked for.</summary>
    private const int MostWords = 40;

    public static LineKind Scan(ReadOnlySpan<byte> text, ref Words words, ref HAProxyLine line)
    {
        // The status: three digits or -1.
        if (words.Rest(text).Length < 4) return HAProxyLineScanner.Cut(ref line);
        if (!words.TryTake(text, out ReadOnlySpan<byte> status)) return HAProxyLineScanner.Unknown(words.Rest(text), ref line);
        if (status.Length == 3 && Digits.IsDigit(status[0]) && Digits.ReadTwo(status, 1) is >= 0 and int low) line.Status = (status[0] - '0') * 100 + low;
        else if (status.SequenceEqual("-1"u8)) line.Status = -1;
        else return HAProxyLineScanner.Unknown(words.Rest(text), ref line);

        // The bytes, both cookies, the termination state, the counts of connections, the queues.
        if (!words.TryTake(text, out _)) return HAProxyLineScanner.Cut(ref line);
        if (words.Rest(text).StartsWith("- - "u8))
        {
            words.TryTake(text, out _);
            words.TryTake(text, out _);
        }
        else if (!TrySkipCookies(text, ref words))
        {
            return HAProxyLineScanner.Cut(ref line);
        }
        if (words.Rest(text).Length < 5) return HAProxyLineScanner.Cut(ref line);
        if (!words.TryTake(text, out ReadOnlySpan<byte> state) || state.Length != 4) return HAProxyLineScanner.Unknown(words.Rest(text), ref line);
        line.Cause = state[0];
        line.Phase = state[1];
        for (int numbers = 0; numbers < 2; numbers++)
        {
            if (!words.TryTake(text, out ReadOnlySpan<byte> counts)) return HAProxyLineScanner.Cut(ref line);
            if (counts.IsEmpty || !Digits.IsDigit(counts[0])) return HAProxyLineScanner.Unknown(words.Rest(text), ref line);
        }
        line.IsTraffic = true;
        return ScanRequest(words.Rest(text), ref line);
    }

    /// <summary>Skips the words before the termination state, at least two: it has four characters, and a number follows.</summary>
    private static bool TrySkipCookies(ReadOnlySpan<byte> text, ref Words words)
    {
        for (int taken = 0; taken < MostWords; taken++)
        {
            ReadOnlySpan<byte> from = words.Rest(text);
            if (taken >= 2 && from.Length > 5 && from[4] == ' ' && Digits.IsDigit(from[5]) && from[..4].IndexOf((byte)' ') < 0) return true;
            if (!words.TryTake(text, out _)) return false;
        }
        return false;
    }

    /// <summary>Reads captured headers and the request, where all that is counted has been read.</summary>
    public static LineKind ScanRequest(ReadOnlySpan<byte> rest, ref HAProxyLine line)
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
