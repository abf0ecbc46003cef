using System.Buffers;
using Concentrator.Bytes;

namespace Concentrator.Messages.Parsing;

/// <summary>The TAG of RFC 3164 section 4.1.3, a program name with an optional process id, at the start of what follows the host.</summary>
internal readonly ref struct Tag
{
    /// <summary>The program name: everything before the last bracket. A view of the frame, like the others.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>The content of the brackets; empty without them.</summary>
    public ReadOnlySpan<byte> Pid { get; private init; }

    /// <summary>Bytes of the tag, including its colon and one blank after it.</summary>
    public int Length { get; private init; }

    private static readonly SearchValues<byte> DatelessNameBytes = SearchValues.Create(
    [
        .. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./%@+#$"u8,
        .. Enumerable.Range(128, 128).Select(static b => (byte)b),
    ]);

    /// <summary>
    /// Reads a one-word tag. It ends with a colon, <c>name:</c> or <c>name[pid]:</c>, or with its pid, <c>name[pid]</c>, or contains
    /// <c>[digits]:</c> (senders that put no blank before the text), or is only a colon, which is a tag without a name (Cisco's
    /// <c>fw1 : %FTD-6-430003: …</c>). Colons and brackets elsewhere belong to the name: HAProxy does not check its log-tag
    /// (<c>app:web[12]:</c>, <c>ha[x]proxy[12]:</c>). An IPv6 address that ends with <c>::</c> is a host, not a tag.
    /// </summary>
    public static bool TryReadWord(ReadOnlySpan<byte> text, out Tag tag)
    {
        tag = default;
        int end = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        if (word.Length < 2)
        {
            if (word.IsEmpty || word[0] != ':' || end < 0)
                return false;
            tag = new Tag { Length = 2 };
            return true;
        }
        ReadOnlySpan<byte> name;
        ReadOnlySpan<byte> pid;
        int length;
        if (word[^1] == ':')
        {
            bool hasPid = SplitAtBrackets(word[..^1], out name, out pid);
            length = !hasPid && IsAddressBeforeColon(name) ? 0 : word.Length + (end < 0 ? 0 : 1);
        }
        else
        {
            length = SplitAtPid(word, out name, out pid);
            if (length == 0 && end > 0 && SplitAtBrackets(word, out name, out pid))
                length = word.Length + 1;
        }
        if (length == 0 || name.IsEmpty || ControlBytes.IndexIn(word[..Math.Min(length, word.Length)]) >= 0)
            return false;
        tag = new Tag { Name = NilValue.ToEmpty(name), Pid = NilValue.ToEmpty(pid), Length = length };
        return true;
    }

    /// <summary>
    /// Reads a tag that no date precedes. It needs its colon and may only contain bytes of program names, because without a date,
    /// text is more likely (JSON, quotes, addresses with ports).
    /// </summary>
    public static bool TryReadDateless(ReadOnlySpan<byte> text, out Tag tag)
    {
        bool isTag = TryReadWord(text, out tag) && !tag.Name.IsEmpty && !tag.Name.ContainsAnyExcept(DatelessNameBytes);
        return isTag && text[..tag.Length].TrimEnd((byte)' ') is [.., (byte)':'];
    }

    /// <summary>
    /// Reads a tag with blanks in its name (<c>my app[12]:</c>), identified by its <c>[digits]:</c>. The name has at
    /// most <see cref="HeaderLimits.AppName"/> bytes and does not itself consist of a tag and text.
    /// </summary>
    public static bool TryReadPhrase(ReadOnlySpan<byte> text, out Tag tag)
    {
        tag = default;
        const int MostDigits = 10;
        ReadOnlySpan<byte> head = text[..Math.Min(text.Length, HeaderLimits.AppName + MostDigits + 3)];
        int length = SplitAtPid(head, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> pid);
        if (length == 0 || name.Length > HeaderLimits.AppName || name[0] == ' '
            || name.IndexOf(": "u8) >= 0 || ControlBytes.IndexIn(name) >= 0)
            return false;
        if (length < text.Length && text[length] == ' ')
            length++;
        tag = new Tag { Name = NilValue.ToEmpty(name), Pid = NilValue.ToEmpty(pid), Length = length };
        return true;
    }

    // Whether the word ends with a bracketed pid, of any bytes but an opening bracket; otherwise all of it is the name.
    private static bool SplitAtBrackets(ReadOnlySpan<byte> word, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> pid)
    {
        int open = word[^1] == ']' ? word.LastIndexOf((byte)'[') : -1;
        name = open < 0 ? word : word[..open];
        pid = open < 0 ? [] : word[(open + 1)..^1];
        return open >= 0;
    }

    // Finds name[digits]: and returns the length through the colon; 0 if there is none.
    private static int SplitAtPid(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> pid)
    {
        name = pid = [];
        int close = text.IndexOf("]:"u8);
        int open = close < 0 ? -1 : text[..close].LastIndexOf((byte)'[');
        if (open <= 0 || open + 1 == close || Digits.CountLeading(text[(open + 1)..close]) != close - open - 1)
            return 0;
        name = text[..open];
        pid = text[(open + 1)..close];
        return close + 2;
    }

    // Whether this plus one more colon is an IPv6 address: groups of at most four hexadecimal digits, then two colons.
    private static bool IsAddressBeforeColon(ReadOnlySpan<byte> text)
    {
        const int MostGroups = 7;
        if (text[^1] != ':')
            return false;
        int groups = 0;
        for (ReadOnlySpan<byte> rest = text; !rest.IsEmpty; groups++)
        {
            int digits = rest.IndexOf((byte)':');
            if (digits is < 1 or > 4 || groups == MostGroups)
                return false;
            foreach (byte digit in rest[..digits])
            {
                if (!char.IsAsciiHexDigit((char)digit))
                    return false;
            }
            rest = rest[(digits + 1)..];
        }
        return true;
    }
}
