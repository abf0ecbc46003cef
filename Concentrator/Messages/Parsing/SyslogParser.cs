using Concentrator.Bytes;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Messages.Parsing;

// How a frame is parsed
//
//   1. One LF at its end belongs to the transport and is dropped. Nothing else is ever dropped.
//   2. Until something is recognised, the whole frame is the text, PRI is 13, and the message counts as malformed.
//   3. Hint raw: 2 applies, and is not malformed. Hint iso: TIMESTAMP SP text.
//   4. <PRI>, skipping blanks after it: everything after it is the text until a header is recognised. Without a valid PRI the whole
//      frame may be a header, as in rsyslog; if it is not, 2 applies.
//   5. The header named by the hint is tried. If the frame has another one, or there is no hint, the bytes decide:
//      "1 " begins RFC 5424, a date RFC 3164, and after a PRI "name:" is a tag without a date. If no header is found and
//      the hint promised one, the message is malformed; without a hint it is HAProxy's "priority" or "short" form.
//   6. A field over its limit is kept and makes the message malformed.
//
// HeaderFormat lists HAProxy's header formats in RFC terms.

/// <summary>
/// Parses a frame into the fields of a message. Every frame results in a message, whatever its bytes; nothing is copied or
/// allocated. Any thread may call.
/// </summary>
internal static class SyslogParser
{
    /// <summary>
    /// Parses one frame, without its transport framing except one optional LF at the end. The message's fields are views
    /// of <paramref name="frame"/> and valid as long as it is.
    /// </summary>
    /// <param name="frame">A datagram, or a frame found by <c>FrameScanner</c>; may be empty.</param>
    /// <param name="hint">The configured format. A frame with another header is parsed by its own bytes.</param>
    /// <param name="message">The result, with <see cref="SyslogMessage.IsMalformed"/> set if the header was invalid.</param>
    public static void Parse(ReadOnlySpan<byte> frame, HeaderFormat hint, out SyslogMessage message)
    {
        if (!frame.IsEmpty && frame[^1] == '\n')
            frame = frame[..^1];
        message = new SyslogMessage
        {
            Frame = frame,
            Text = frame,
            Pri = SyslogMessage.DefaultPri,
            IsPlain = ControlBytes.AreNotIn(frame),
        };
        if (hint == HeaderFormat.Raw || (hint == HeaderFormat.Iso && TryReadTimed(frame, ref message)))
            return;
        ReadOnlySpan<byte> rest = frame;
        if (Priority.TryRead(frame, out byte pri, out int length, out bool hasLeadingZero))
        {
            message.Pri = pri;
            message.HasPri = true;
            message.IsMalformed = hasLeadingZero;
            rest = frame[length..];
            message.Text = rest;
            if (!rest.IsEmpty && rest[0] == ' ')
                rest = rest.TrimStart((byte)' ');
        }
        if (!TryReadHinted(rest, hint, ref message) && !TryReadDetected(rest, ref message) && (hint != HeaderFormat.Auto || !message.HasPri))
            message.IsMalformed = true;
        if (HeaderLimits.AreExceededBy(message))
            message.IsMalformed = true;
    }

    private static bool TryReadHinted(ReadOnlySpan<byte> rest, HeaderFormat hint, ref SyslogMessage message) => hint switch
    {
        HeaderFormat.Rfc5424 => Rfc5424Header.TryRead(rest, isExpected: true, ref message),
        HeaderFormat.Rfc3164 or HeaderFormat.Local => Rfc3164Header.TryRead(rest, hint, ref message),
        HeaderFormat.Timed => TryReadTimed(rest, ref message),
        _ => false,
    };

    private static bool TryReadDetected(ReadOnlySpan<byte> rest, ref SyslogMessage message)
    {
        if (rest.IsEmpty)
            return false;
        if (rest[0] == '1' && rest.Length > 1 && rest[1] == ' ')
            return Rfc5424Header.TryRead(rest, isExpected: false, ref message);
        return Rfc3164Header.TryRead(rest, HeaderFormat.Auto, ref message) || (message.HasPri && TryReadTag(rest, ref message));
    }

    private static bool TryReadTag(ReadOnlySpan<byte> rest, ref SyslogMessage message)
    {
        if (!Tag.TryReadDateless(rest, out Tag tag))
            return false;
        message.AppName = tag.Name;
        message.ProcId = tag.Pid;
        message.Text = rest[tag.Length..];
        return true;
    }

    private static bool TryReadTimed(ReadOnlySpan<byte> rest, ref SyslogMessage message)
    {
        int length = Rfc3339.Match(rest, out bool isOverlong);
        if (length == 0 || (length < rest.Length && rest[length] != ' '))
            return false;
        message.Timestamp = rest[..length];
        message.Text = length < rest.Length ? rest[(length + 1)..] : [];
        message.IsMalformed |= isOverlong;
        return true;
    }
}
