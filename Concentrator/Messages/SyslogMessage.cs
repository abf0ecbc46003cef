namespace Concentrator.Messages;

/// <summary>
/// The fields of one message, as views of the frame that it was parsed from: nothing is copied or allocated.
/// Valid only as long as the frame's bytes are: until the receiving batch is released.
/// An empty field is missing (NILVALUE or absent).
/// </summary>
internal ref struct SyslogMessage
{
    /// <summary>The PRI of a message without one (user.notice, RFC 3164 section 4.3.3).</summary>
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

    /// <summary>MSG: everything after the header, except one trailing LF.</summary>
    public ReadOnlySpan<byte> Text;

    /// <summary>0 to 191; <see cref="DefaultPri"/> if the frame has none (<see cref="HasPri"/>).</summary>
    public byte Pri;

    /// <summary>Whether the frame contained <see cref="Pri"/>.</summary>
    public bool HasPri;

    /// <summary>1 for RFC 5424, otherwise 0.</summary>
    public byte Version;

    /// <summary>Whether the header violates its format (or fits none); what could be parsed was kept.</summary>
    public bool IsMalformed;

    /// <summary>
    /// Whether no byte of the frame is 0 to 31 or 127 and no header field contains a blank: nothing has to be escaped or
    /// replaced, so a renderer need not check again.
    /// </summary>
    public bool IsPlain;

    public readonly Facility Facility => (Facility)(Pri >> 3);

    public readonly Severity Severity => (Severity)(Pri & 7);
}
