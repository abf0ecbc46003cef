namespace Concentrator.Messages;

/// <summary>
/// The fields of one message, as views of the frame it was parsed from: nothing is copied, nothing is allocated.
/// Valid only as long as the frame's bytes are: until the receiving batch is given back.
/// An empty field is a missing one (NILVALUE or absent).
/// </summary>
internal ref struct SyslogMessage
{
    /// <summary>The PRI a message without one is given (user.notice, RFC 3164 section 4.3.3).</summary>
    public const byte DefaultPri = 13;

    /// <summary>The whole frame as received, without its transport framing.</summary>
    public ReadOnlySpan<byte> Frame;

    /// <summary>The sender's timestamp, exactly as sent (RFC 3339 or BSD); see <c>SentTime</c>.</summary>
    public ReadOnlySpan<byte> Timestamp;

    /// <summary>HOSTNAME.</summary>
    public ReadOnlySpan<byte> HostName;

    /// <summary>APP-NAME, or the TAG of RFC 3164 without its PID and colon.</summary>
    public ReadOnlySpan<byte> AppName;

    /// <summary>PROCID, or the PID in the TAG of RFC 3164.</summary>
    public ReadOnlySpan<byte> ProcId;

    /// <summary>MSGID; only RFC 5424 has one.</summary>
    public ReadOnlySpan<byte> MsgId;

    /// <summary>STRUCTURED-DATA as sent, brackets and escapes included; only RFC 5424 has it.</summary>
    public ReadOnlySpan<byte> StructuredData;

    /// <summary>MSG: everything after the header, one trailing LF removed and nothing else.</summary>
    public ReadOnlySpan<byte> Text;

    /// <summary>0 to 191; <see cref="DefaultPri"/> where the frame has none (<see cref="HasPri"/>).</summary>
    public byte Pri;

    /// <summary>Whether <see cref="Pri"/> stood in the frame.</summary>
    public bool HasPri;

    /// <summary>1 for RFC 5424, else 0.</summary>
    public byte Version;

    /// <summary>The header was not what its format (or any format) asks for; what could be read was kept.</summary>
    public bool IsMalformed;

    /// <summary>
    /// No byte of the frame is 0 to 31 or 127, and no header field holds a blank: nothing has to be escaped or replaced, and who
    /// writes it need not look again.
    /// </summary>
    public bool IsPlain;

    public readonly Facility Facility => (Facility)(Pri >> 3);

    public readonly Severity Severity => (Severity)(Pri & 7);
}
