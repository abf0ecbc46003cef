using System.Runtime.CompilerServices;
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
    public static bool HasShape(ReadOnlySpan<byte> text)
    {
        int end = text[..Math.Min(text.Length, LongestClient)].IndexOf((byte)' ');
        if (end <= 0 || text.Length <= end + 1 + DateLength || text[end + 1] != '[') return false;
        ReadOnlySpan<byte> date = text.Slice(end + 1, DateLength);
        return IsDate(date) && text[end + 1 + DateLength] == ' ' && date.IndexOf((byte)' ') < 0;
    }

    /// <summary>Reads one line: a message's text.</summary>
    /// <param name="message">The message, parsed.</param>
    /// <param name="recent">The names of a line before it, which this one may have too; empty = none.</param>
    /// <param name="line">What the line says.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scan(in SyslogMessage message, RecentNames recent, out HAProxyLine line)
    {
        ReadOnlySpan<byte> text = message.Text;
        line = default;
        line.LogCounter = -1;
        if (!CommonRequest.TryScan(text, recent, ref line, out int request)) ScanAny(text, ref line);
        else line.Kind = message.IsPlain && QuotedRequest.IsUsual(text, request) ? LineKind.Request : RequestEnd.ScanRequest(text[request..], ref line);
    }

    private static void ScanAny(ReadOnlySpan<byte> text, ref HAProxyLine line)
    {
        line = default;
        line.LogCounter = -1;
        Words words = new(text);
        if (!words.TryTake(text, out ReadOnlySpan<byte> client) || client.Length is 0 or >= LongestClient
            || !words.TryTake(text, out ReadOnlySpan<byte> date) || !IsDate(date))
        {
            OtherLines.Scan(text, ref line);
            return;
        }
        LineKind kind = ScanAfterDate(text, ref words, ref line);

        // The parser's patterns begin with an address and a port.
        line.Kind = kind == LineKind.Truncated || IsAddress(client) ? kind : text.StartsWith("unix:"u8) ? LineKind.UnixClient : LineKind.Custom;
    }

    /// <summary>Whether a client that is not empty may be an address and a port.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAddress(ReadOnlySpan<byte> client) => Digits.IsDigit(client[^1]) && (Digits.IsDigit(client[0]) || char.IsAsciiHexDigit((char)client[0]) || client[0] == ':');

    /// <summary>Whether a word has the form of <c>[22/Nov/2026:06:04:19.212]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDate(ReadOnlySpan<byte> word) =>
        word.Length == DateLength && word[0] == '[' && word[3] == '/' && word[12] == ':' && word[21] == '.' && word[25] == ']';

    private static LineKind ScanAfterDate(ReadOnlySpan<byte> text, ref Words words, ref HAProxyLine line)
    {
        int names = text.Length - words.Rest(text).Length;
        if (!words.TryTake(text, out ReadOnlySpan<byte> frontend)) return Cut(ref line);
        if (frontend.IsEmpty) return LineKind.Custom;
        if (frontend[^1] == ':') return LineKind.ConnectionError;

        if (!words.TryTake(text, out ReadOnlySpan<byte> backend))
            return words.Rest(text).IsEmpty || words.Rest(text).Contains((byte)'/') ? Cut(ref line) : Unknown(words.Rest(text), ref line);
        int slash = backend.IndexOf((byte)'/');
        if (slash <= 0) return Unknown(words.Rest(text), ref line);
        line.Names = text.Slice(names, frontend.Length + 1 + slash + 1);
        line.BackendAt = frontend.Length + 1;

        ReadOnlySpan<byte> rest = words.Rest(text);
        TimerFields timers = new(rest);
        if (timers.IsCut) return Cut(ref line);
        words.TryTake(text, out _);
        if (timers.Count == TimerFields.OfSession) return SessionEnd.Scan(rest[timers.Length..], ref line);
        if (timers.Count != TimerFields.OfRequest) return Unknown(rest, ref line);
        line.ResponseTime = timers.Response;
        line.ActiveTime = timers.Last;
        return RequestEnd.Scan(text, ref words, ref line);
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
