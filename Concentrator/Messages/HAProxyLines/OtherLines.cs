using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>The lines that do not begin with a client and a date: connections, states, notices of rings, other formats.</summary>
internal static class OtherLines
{
    public static void Scan(ReadOnlySpan<byte> text, ref HAProxyLine line)
    {
        line.Kind = Kind(text);
        line.IsUnfinished = line.Kind switch
        {
            LineKind.Truncated => true,
            LineKind.Json => text[^1] != '}',
            LineKind.Clf or LineKind.Custom => (text.Count((byte)'"') & 1) == 1,
            _ => false,
        };
    }

    private static LineKind Kind(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return LineKind.Custom;
        if (text[0] == '{') return LineKind.Json;
        if (RingNotice.TryRead(text, out _)) return LineKind.DroppedNotice;
        if (text.StartsWith("Connect "u8))
        {
            // Connect from 127.0.0.1:52406 to 127.0.0.1:20026 (FRONTEND/TCP)
            if (text[^1] != ')') return LineKind.Truncated;
            return text.StartsWith("Connect from "u8) && text[13] != 'u' ? LineKind.Connect : LineKind.UnixClient;
        }
        if (text.StartsWith("Health check for "u8) || text.StartsWith("Agent check "u8)) return LineKind.HealthCheck;
        if (IsStateNotice(text)) return LineKind.StateNotice;
        int blank = text.IndexOf((byte)' ');
        if (blank <= 0) return LineKind.Custom;
        ReadOnlySpan<byte> rest = text[(blank + 1)..];
        if (IsCutDate(text[..blank], rest)) return LineKind.Truncated;
        if (rest.StartsWith("- "u8) && IsClfDate(rest[2..])) return LineKind.Clf;
        return IsMarkedJson(text) ? LineKind.MarkedJson : LineKind.Custom;
    }

    /// <summary>A client, and a date that has been cut.</summary>
    private static bool IsCutDate(ReadOnlySpan<byte> client, ReadOnlySpan<byte> rest) =>
        !rest.IsEmpty && rest[0] == '[' && rest.Length < 28 && rest.IndexOf((byte)' ') < 0
        && client.LastIndexOf((byte)':') is >= 0 and int colon && colon < client.Length - 1 && Digits.CountLeading(client[(colon + 1)..]) == client.Length - colon - 1
        && (rest.Length < 4 || rest[3] == '/');

    /// <summary>A user or <c>-</c>, and a date with a zone.</summary>
    private static bool IsClfDate(ReadOnlySpan<byte> text)
    {
        int blank = text.IndexOf((byte)' ');
        return blank > 0 && text.Length > blank + 22 && text[blank + 1] == '[' && text[blank + 4] == '/' && text[blank + 22] == ' ';
    }

    /// <summary>Whether <c>[WORD] N </c> stands before the rest, at the start or behind <c>name[N]: </c>: that the parser takes for JSON.</summary>
    private static bool IsMarkedJson(ReadOnlySpan<byte> text)
    {
        int mark = 0;
        if (text[0] != '[')
        {
            mark = text.IndexOf("]: ["u8) + "]: ".Length;
            int digits = mark - "]: ".Length;
            while (digits > 0 && Digits.IsDigit(text[digits - 1])) digits--;
            if (digits <= 0 || digits == mark - "]: ".Length || text[digits - 1] != '[') return false;
        }
        ReadOnlySpan<byte> word = text[(mark + 1)..];
        int end = word.IndexOf("] "u8);
        if (end <= 0 || word[..end].IndexOf((byte)' ') >= 0) return false;
        ReadOnlySpan<byte> number = word[(end + 2)..];
        int length = Digits.CountLeading(number);
        return length > 0 && length < number.Length && number[length] == ' ';
    }

    private static bool IsStateNotice(ReadOnlySpan<byte> text) => text[0] switch
    {
        (byte)'S' => text.StartsWith("Server "u8) || text.StartsWith("SIGHUP received"u8) || text.StartsWith("Stopping "u8),
        (byte)'B' => text.StartsWith("Backup Server "u8) || text.StartsWith("Blocking cacheable cookie "u8),
        (byte)'b' => text.StartsWith("backend "u8),
        (byte)'P' => text.StartsWith("Proxy "u8) || text.StartsWith("Paused "u8) || text.StartsWith("Pausing "u8),
        (byte)'R' => text.StartsWith("Resumed "u8) || text.StartsWith("Resuming "u8),
        (byte)'E' => text.StartsWith("Enabling "u8) || text.StartsWith("Enabled "u8),
        _ => false,
    };
}
