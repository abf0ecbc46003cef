using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

// The lines that begin with a client (docs/reference/haproxy.md, Lines):
//
//   httplog   127.0.0.1:48907 [22/Nov/2026:06:04:19.212] www~ be/srv 0/0/0/0/0 200 98 - - ---- 2/2/0/0/0 0/0 {..} {..} "GET / HTTP/1.1"
//   httpslog  the same, and behind it  0/0000000000000000/0/0/0 www.example.test/TLSv1.3/TLS_AES_256_GCM_SHA384
//   tcplog    127.0.0.1:59372 [22/Nov/2026:06:04:30.831] tcpin be/srv 1/0/0 6 -- 1/1/0/0/0 0/0
//   error     127.0.0.1:56310 [22/Nov/2026:06:04:27.054] www/1: SSL handshake failure
//
// One pass from the start. A line that ends inside this grammar was cut; one that departs from it has a format of its own. Nothing between
// the last number and the request is looked at but for the quote: in a request and in captures HAProxy writes a quote as #22.

/// <summary>Reads the lines that HAProxy writes. Every text results in a kind; nothing is copied or allocated. Any thread may call.</summary>
internal static class HAProxyLineScanner
{
    /// <summary>Bytes of <c>[22/Nov/2026:06:04:19.212]</c>.</summary>
    private const int DateLength = 26;

    /// <summary>The longest client is an IPv6 address with a port, or a unix socket's number.</summary>
    private const int LongestClient = 64;

    /// <summary>Whether the text begins as a line of HAProxy about a client: a word, and a date in its form.</summary>
    public static bool HasShape(ReadOnlySpan<byte> text) => ClientLength(text) > 0;

    /// <summary>Reads one line.</summary>
    /// <param name="text">A message's text, without its header.</param>
    public static void Scan(ReadOnlySpan<byte> text, out HAProxyLine line)
    {
        line = default;
        line.LogCounter = -1;
        int client = ClientLength(text);
        if (client <= 0)
        {
            OtherLines.Scan(text, ref line);
            return;
        }
        ReadOnlySpan<byte> rest = text[(client + 1 + DateLength + 1)..];
        LineKind kind = ScanAfterDate(rest, ref line);

        // The parser's patterns begin with an address and a port.
        line.Kind = kind == LineKind.Truncated || IsAddress(text[..client]) ? kind : text.StartsWith("unix:"u8) ? LineKind.UnixClient : LineKind.Custom;
    }

    private static bool IsAddress(ReadOnlySpan<byte> client) => (char.IsAsciiHexDigit((char)client[0]) || client[0] == ':') && Digits.IsDigit(client[^1]);

    /// <summary>The length of the first word if a date follows it; otherwise 0.</summary>
    private static int ClientLength(ReadOnlySpan<byte> text)
    {
        int end = text[..Math.Min(text.Length, LongestClient)].IndexOf((byte)' ');
        return end > 0 && text.Length > end + 1 + DateLength && text[end + 1] == '[' && text[end + DateLength] == ']'
            && text[end + 1 + DateLength] == ' ' && text[end + 4] == '/' && text[end + 13] == ':' && text[end + 22] == '.' ? end : 0;
    }

    private static LineKind ScanAfterDate(ReadOnlySpan<byte> rest, ref HAProxyLine line)
    {
        int end = rest.IndexOf((byte)' ');
        if (end <= 0) return end < 0 ? Cut(ref line) : LineKind.Custom;
        if (rest[end - 1] == ':') return LineKind.ConnectionError;
        line.Frontend = rest[end - 1] == '~' ? rest[..(end - 1)] : rest[..end];
        rest = rest[(end + 1)..];

        end = rest.IndexOf((byte)' ');
        if (end < 0) return rest.Contains((byte)'/') || rest.IsEmpty ? Cut(ref line) : Unknown(rest, ref line);
        int slash = rest[..end].IndexOf((byte)'/');
        if (slash <= 0) return Unknown(rest, ref line);
        line.Backend = rest[..slash];
        rest = rest[(end + 1)..];

        TimerFields timers = new(rest);
        if (timers.IsCut) return Cut(ref line);
        if (timers.Count == TimerFields.OfSession) return SessionEnd.Scan(rest[timers.Length..], ref line);
        if (timers.Count != TimerFields.OfRequest) return Unknown(rest, ref line);
        line.ResponseTime = timers.Response;
        line.ActiveTime = timers.Last;
        return RequestEnd.Scan(rest[timers.Length..], ref line);
    }

    /// <summary>Records that the line ends before its format does.</summary>
    public static LineKind Cut(ref HAProxyLine line)
    {
        line.IsTraffic = false;
        line.IsUnfinished = true;
        return LineKind.Truncated;
    }

    /// <summary>Records a format that is not one of HAProxy's own. An odd number of quotes means that it was cut.</summary>
    public static LineKind Unknown(ReadOnlySpan<byte> rest, ref HAProxyLine line)
    {
        line.IsTraffic = false;
        line.IsUnfinished = (rest.Count((byte)'"') & 1) == 1;
        return LineKind.Custom;
    }
}
