using System.Buffers;
using System.Text;
using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>
/// A line as an example that may be shown: its form stays, what a person could be known by goes. Query strings, the last part of addresses, captured
/// headers and cookies, user names and quoted values are replaced by <c>…</c>; bytes outside printable ASCII are escaped as rsyslog does.
/// Allocates: for the first line of a kind, not for every one.
/// </summary>
internal static class MaskedLine
{
    /// <summary>Characters of an example.</summary>
    public const int MostLength = 200;

    private const char Hidden = '…';

    /// <summary>Bytes at which a word ends.</summary>
    private static readonly SearchValues<byte> WordEnds = SearchValues.Create(" \"{}|,;()<>\n\r\t\0"u8);

    public static string Of(ReadOnlySpan<byte> text, LineKind kind)
    {
        StringBuilder shown = new(MostLength + 8);
        bool isJson = kind is LineKind.Json or LineKind.MarkedJson;
        bool hasRequest = kind is LineKind.OddUri or LineKind.Truncated or LineKind.UnixClient or LineKind.RequestWithTlsVersion or LineKind.Clf;
        int quoted = 0, at = 0, words = 0;
        while (at < text.Length && shown.Length <= MostLength)
        {
            byte value = text[at];
            if (value == '"')
            {
                int end = text[(at + 1)..].IndexOf((byte)'"');
                ReadOnlySpan<byte> inside = end < 0 ? text[(at + 1)..] : text.Slice(at + 1, end);
                bool isRequest = quoted++ == 0 && hasRequest;
                bool isName = isJson && end >= 0 && text[(at + end + 2)..].TrimStart((byte)' ') is [(byte)':', ..];
                shown.Append('"');
                if (isRequest || isName) AppendWords(shown, inside);
                else if (!inside.IsEmpty) shown.Append(Hidden);
                if (end >= 0) shown.Append('"');
                at = end < 0 ? text.Length : at + end + 2;
            }
            else if (value == '{' && !isJson)
            {
                int end = text[at..].IndexOf((byte)'}');
                shown.Append('{').Append(Hidden);
                if (end >= 0) shown.Append('}');
                at = end < 0 ? text.Length : at + end + 1;
            }
            else
            {
                int length = text[at..].IndexOfAny(WordEnds);
                ReadOnlySpan<byte> word = text.Slice(at, length < 0 ? text.Length - at : Math.Max(length, 1));
                if (length != 0) words++;

                // The third word of Apache's format is the user.
                if (kind == LineKind.Clf && words == 3 && length != 0 && !word.SequenceEqual("-"u8)) shown.Append(Hidden);
                else AppendWord(shown, word);
                at += word.Length;
            }
        }
        if (shown.Length > MostLength) shown.Length = MostLength;
        else if (at >= text.Length) return shown.ToString();
        return shown.Append(Hidden).ToString();
    }

    private static void AppendWords(StringBuilder shown, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && shown.Length <= MostLength)
        {
            int end = text.IndexOf((byte)' ');
            AppendWord(shown, end < 0 ? text : text[..end]);
            if (end < 0) return;
            shown.Append(' ');
            text = text[(end + 1)..];
        }
    }

    /// <summary>One word: an address, a URI, a value with a name, or text.</summary>
    private static void AppendWord(StringBuilder shown, ReadOnlySpan<byte> word)
    {
        int query = word.IndexOf((byte)'?');
        bool isQuery = query >= 0 && query + 1 < word.Length;
        if (isQuery) word = word[..(query + 1)];
        int user = word.LastIndexOf((byte)'@');
        int scheme = word.IndexOf("://"u8);
        if (user > scheme && user > 0)
        {
            if (scheme >= 0) AppendText(shown, word[..(scheme + 3)]);
            shown.Append(Hidden);
            word = word[user..];
        }
        int equals = word.IndexOf((byte)'=');
        if (equals >= 0 && equals + 1 < word.Length && !isQuery)
        {
            AppendText(shown, word[..(equals + 1)]);
            shown.Append(Hidden);
            return;
        }
        (int start, int end) = AddressEnd(word);
        if (start > 0)
        {
            AppendText(shown, word[..start]);
            shown.Append('x');
            word = word[end..];
        }
        AppendText(shown, word);
        if (isQuery) shown.Append(Hidden);
    }

    /// <summary>Where the last part of an IPv4 or IPv6 address at the start of a word begins and ends; start 0 = it is no address.</summary>
    private static (int Start, int End) AddressEnd(ReadOnlySpan<byte> word)
    {
        int dots = 0, at = 0, part = 0;
        for (; at < word.Length && (Digits.IsDigit(word[at]) || word[at] == '.'); at++)
        {
            if (word[at] != '.') continue;
            dots++;
            part = at + 1;
        }
        if (dots == 3 && part < at) return (part, at);

        int colons = 0, last = 0, before = 0, hex = 0;
        for (; hex < word.Length && (char.IsAsciiHexDigit((char)word[hex]) || word[hex] is (byte)':' or (byte)'.'); hex++)
        {
            if (word[hex] != ':') continue;
            colons++;
            before = last;
            last = hex + 1;
        }

        // HAProxy writes a port behind an IPv6 address, separated as the groups are: the group before it is the address's last.
        return colons >= 3 && hex == word.Length ? (before, last - 1) : (0, 0);
    }

    private static void AppendText(StringBuilder shown, ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            if (shown.Length > MostLength) return;
            if (value is >= 32 and < 127) shown.Append((char)value);
            else shown.Append('#').Append((char)('0' + (value >> 6))).Append((char)('0' + ((value >> 3) & 7))).Append((char)('0' + (value & 7)));
        }
    }
}
