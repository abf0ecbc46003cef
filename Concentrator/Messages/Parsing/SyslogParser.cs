using Concentrator.Bytes;

namespace Concentrator.Messages;

// How a frame is read
//
//   1. One LF at its end belongs to the transport and is dropped. Nothing else is ever dropped.
//   2. Until something is recognised the whole frame is the text, PRI is 13, and the message counts as malformed.
//   3. Hint raw: 2 stands, and is not malformed. Hint iso: TIMESTAMP SP text.
//   4. <PRI>: without a valid one 2 stands. With one, everything after it is the text until a header is recognised.
//   5. The header that the hint names is tried. If the frame has another one, or there is no hint, the bytes decide:
//      "1 " opens RFC 5424, a month name RFC 3164, a digit RFC 3164 with an RFC 3339 date. If no header is found and
//      the hint promised one, the message is malformed; without a hint it is HAProxy's "priority" or "short" form.
//   6. A field over its limit is kept and makes the message malformed.
//
// HAProxy's header formats are listed in RFC terms in HeaderFormat.

/// <summary>
/// Turns a frame into the fields of a message. Every frame gives a message, whatever its bytes; nothing is copied or
/// allocated. Any thread may call.
/// </summary>
internal static class SyslogParser
{
    /// <summary>
    /// Parses one frame, without its transport framing save one optional LF at the end. The message's fields are views
    /// of <paramref name="frame"/> and live as long as it does.
    /// </summary>
    /// <param name="frame">A datagram, or what <see cref="FrameScanner"/> found; may be empty.</param>
    /// <param name="hint">What the listener's operator expects. A frame that has another header is read by its own bytes.</param>
    /// <param name="message">The result, <see cref="SyslogMessage.IsMalformed"/> where the header was not right.</param>
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
        if (!Priority.TryRead(frame, out byte pri, out int length, out bool hasLeadingZero))
        {
            message.IsMalformed = true;
            return;
        }
        message.Pri = pri;
        message.HasPri = true;
        message.IsMalformed = hasLeadingZero;
        ReadOnlySpan<byte> rest = frame[length..];
        message.Text = rest;
        if (!TryReadHinted(rest, hint, ref message) && !TryReadDetected(rest, ref message) && hint != HeaderFormat.Auto)
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
        return rest[0] == '1' && rest.Length > 1 && rest[1] == ' '
            ? Rfc5424Header.TryRead(rest, isExpected: false, ref message)
            : Rfc3164Header.TryRead(rest, HeaderFormat.Auto, ref message);
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
