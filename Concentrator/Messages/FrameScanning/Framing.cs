namespace Concentrator.Messages.FrameScanning;

/// <summary>How messages are delimited on a stream (RFC 6587 section 3.4, RFC 5425 section 4.3).</summary>
internal enum Framing : byte
{
    /// <summary>Octet counting if the connection starts with one to eight digits and a blank, else <see cref="InferredEnds"/>.</summary>
    Auto,

    /// <summary><c>MSG-LEN SP MSG</c>.</summary>
    OctetCounted,

    /// <summary>Every message ends with LF (non-transparent framing).</summary>
    Lf,

    /// <summary>Every message ends with NUL (non-transparent framing).</summary>
    Nul,

    /// <summary>Every LF and every NUL ends a message, as syslog-ng reads streams.</summary>
    LfOrNul,
}
