using Concentrator.Bytes;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Messages.Parsing;

/// <summary>
/// <c>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG</c>, from VERSION on (RFC 5424 section 6).
/// A field may contain any bytes but blanks: UTF-8 occurs in APP-NAME (HAProxy does not check its log-tag); control
/// bytes make the message malformed.
/// </summary>
internal static class Rfc5424Header
{
    /// <summary>
    /// Fills the fields if the header is there, even truncated or with broken structured data: everything after the last
    /// good field is then the text, and the message malformed. Otherwise returns false and leaves the fields unchanged.
    /// </summary>
    /// <param name="rest">What follows the PRI.</param>
    /// <param name="isExpected">
    /// Whether the listener is configured for RFC 5424. Otherwise text that only begins like it is rejected: a header
    /// without a timestamp must be complete, and an SD-ELEMENT that is neither well-formed, nor closed, nor cut off by the
    /// end of the frame rejects the header (the message then counts as malformed).
    /// </param>
    /// <param name="message">The message to fill.</param>
    public static bool TryRead(ReadOnlySpan<byte> rest, bool isExpected, ref SyslogMessage message)
    {
        // VERSION has up to three digits, but only version 1 defines what follows it.
        if (rest.Length < 3 || rest[0] != '1' || rest[1] != ' ')
            return false;
        ReadOnlySpan<byte> cursor = rest[2..];
        bool isNil = cursor[0] == '-';
        bool isOverlong = false;
        int length = isNil ? 1 : Rfc3339.Match(cursor, out isOverlong);
        if (length == 0 || (length < cursor.Length && cursor[length] != ' '))
            return false;
        ReadOnlySpan<byte> timestamp = isNil ? [] : cursor[..length];
        cursor = length < cursor.Length ? cursor[(length + 1)..] : [];

        bool isMalformed = isOverlong;
        int before = cursor.Length;
        ReadOnlySpan<byte> names = cursor;
        ReadOnlySpan<byte> hostName = NextField(ref cursor, ref isMalformed);
        ReadOnlySpan<byte> appName = NextField(ref cursor, ref isMalformed);
        ReadOnlySpan<byte> procId = NextField(ref cursor, ref isMalformed);
        ReadOnlySpan<byte> msgId = NextField(ref cursor, ref isMalformed);
        if (!message.IsPlain && ControlBytes.IndexIn(names[..(before - cursor.Length)]) >= 0)
            isMalformed = true;

        ReadOnlySpan<byte> structuredData = [];
        ReadOnlySpan<byte> text = cursor;
        if (cursor.IsEmpty)
        {
            // HAProxy truncates a datagram after MSGID if its structured data does not fit.
            if (isNil && !isExpected)
                return false;
            isMalformed = true;
        }
        else if (cursor[0] == '-' && (cursor.Length == 1 || cursor[1] == ' '))
        {
            text = cursor.Length == 1 ? [] : cursor[2..];
        }
        else
        {
            StructuredData.Fault fault = StructuredData.Scan(cursor, out length, out bool hasLongName);
            if (fault == StructuredData.Fault.None)
            {
                structuredData = cursor[..length];
                text = length < cursor.Length ? cursor[(length + 1)..] : [];
                isMalformed |= hasLongName;
            }
            else
            {
                isMalformed = true;
                if (!isExpected && cursor[0] == '[' && fault == StructuredData.Fault.Syntax && !cursor.Contains((byte)']'))
                {
                    message.IsMalformed = true;
                    return false;
                }
            }
        }

        message.Version = 1;
        message.Timestamp = timestamp;
        message.HostName = hostName;
        message.AppName = appName;
        message.ProcId = procId;
        message.MsgId = msgId;
        message.StructuredData = structuredData;
        message.Text = text;
        message.IsMalformed |= isMalformed;
        return true;
    }

    // An empty field counts as missing too, but no sender may write it.
    private static ReadOnlySpan<byte> NextField(scoped ref ReadOnlySpan<byte> cursor, scoped ref bool isMalformed)
    {
        int end = cursor.IndexOf((byte)' ');
        ReadOnlySpan<byte> field = end < 0 ? cursor : cursor[..end];
        cursor = end < 0 ? [] : cursor[(end + 1)..];
        if (field.IsEmpty)
            isMalformed = true;
        return NilValue.ToEmpty(field);
    }
}
