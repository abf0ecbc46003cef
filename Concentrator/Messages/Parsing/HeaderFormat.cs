namespace Concentrator.Messages.Parsing;

/// <summary>
/// The header format that a listener is configured to expect (configuration key <c>Format</c>). Most headers identify themselves; the
/// hint is needed only for those that do not (HAProxy's timed, iso and raw, and a local tag with a space in it).
/// </summary>
internal enum HeaderFormat : byte
{
    /// <summary>Detected from each message's own bytes; also the right choice for HAProxy's <c>priority</c> and <c>short</c>.</summary>
    Auto,

    /// <summary><c>&lt;PRI&gt;1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG</c>.</summary>
    Rfc5424,

    /// <summary><c>&lt;PRI&gt;Mmm dd hh:mm:ss HOSTNAME TAG[PID]: MSG</c>.</summary>
    Rfc3164,

    /// <summary>RFC 3164 without a host name: the first word after the date belongs to the tag.</summary>
    Local,

    /// <summary><c>&lt;PRI&gt;TIMESTAMP MSG</c> with an RFC 3339 timestamp.</summary>
    Timed,

    /// <summary><c>TIMESTAMP MSG</c> with an RFC 3339 timestamp and no PRI.</summary>
    Iso,

    /// <summary>No header at all: the whole frame is the message.</summary>
    Raw,
}
