using System.Buffers;
using Concentrator.Bytes;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Messages.Parsing;

/// <summary>
/// <c>TIMESTAMP [HOSTNAME] [TAG] MSG</c> as found in practice (RFC 3164 section 4.1 and its many dialects): the date may
/// have a year or be RFC 3339, and may be followed by a colon (Cisco's ASA); the host and the tag may be missing.
/// The fields are those that rsyslog 8.2302 finds, or syslog-ng 3.38 where rsyslog does not know the form.
/// </summary>
internal static class Rfc3164Header
{
    private static readonly SearchValues<byte> HostBytes = SearchValues.Create(
    [
        .. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%"u8,
        .. Enumerable.Range(128, 128).Select(static b => (byte)b),
    ]);

    /// <summary>Fills the fields if the header begins with a date; otherwise returns false and leaves the message unchanged.</summary>
    /// <param name="rest">What follows the PRI.</param>
    /// <param name="style">
    /// Local: no host, so the first words belong to the tag. Rfc3164: the first word is the host unless it is a tag. Otherwise as Rfc3164,
    /// but a host may only contain bytes of names and addresses, and an RFC 3339 date is only accepted if a tag follows, because text may
    /// begin with one (HAProxy's timed format).
    /// </param>
    /// <param name="message">The message to fill.</param>
    public static bool TryRead(ReadOnlySpan<byte> rest, HeaderFormat style, ref SyslogMessage message)
    {
        bool isOverlong = false;
        bool needsTag = false;
        int length = BsdTime.Match(rest, yearMayFollow: style != HeaderFormat.Local);
        if (length == 0)
        {
            needsTag = style == HeaderFormat.Auto;
            length = Rfc3339.Match(rest, out isOverlong);
        }
        if (length == 0)
            return false;
        ReadOnlySpan<byte> after = rest[length..];
        if (!after.IsEmpty && after[0] == ':')
            after = after[1..];
        if (!after.IsEmpty)
        {
            if (after[0] != ' ')
                return false;
            after = after[1..];
        }

        ReadOnlySpan<byte> hostName = [];
        bool isPhrase = false;
        bool hasTag = TryReadTag(ref after, out Tag tag);
        if (!hasTag && style == HeaderFormat.Local)
        {
            hasTag = isPhrase = Tag.TryReadPhrase(after, out tag);
        }
        else if (!hasTag)
        {
            int end = after.IndexOf((byte)' ');
            ReadOnlySpan<byte> word = end > 0 ? after[..end] : [];
            bool isHost = style == HeaderFormat.Rfc3164 ? ControlBytes.IndexIn(word) < 0 : !word.ContainsAnyExcept(HostBytes);
            if (isHost && !word.IsEmpty)
            {
                ReadOnlySpan<byte> behind = after[(end + 1)..];
                hasTag = TryReadTag(ref behind, out tag) || (!needsTag && (isPhrase = Tag.TryReadPhrase(behind, out tag)));
                hostName = word;
                after = behind;
            }
        }
        if (needsTag && !hasTag)
            return false;

        message.Timestamp = rest[..length];
        message.HostName = NilValue.ToEmpty(hostName);
        message.AppName = tag.Name;
        message.ProcId = tag.Pid;
        message.Text = after[tag.Length..];
        if (isPhrase) message.IsPlain = false;
        message.IsMalformed |= isOverlong;
        return true;
    }

    // Reads a one-word tag, even after more than one blank; without a tag, those blanks belong to the text.
    private static bool TryReadTag(scoped ref ReadOnlySpan<byte> text, out Tag tag)
    {
        if (text.IsEmpty || text[0] != ' ')
            return Tag.TryReadWord(text, out tag);
        ReadOnlySpan<byte> trimmed = text.TrimStart((byte)' ');
        if (!Tag.TryReadWord(trimmed, out tag))
            return false;
        text = trimmed;
        return true;
    }
}
