namespace Concentrator.Messages;

/// <summary>How messages are told apart on a stream (RFC 6587 section 3.4, RFC 5425 section 4.3).</summary>
internal enum Framing : byte
{
    /// <summary>Decided by the connection's first byte and then kept: a digit means octet counting, anything else LF.</summary>
    Auto,

    /// <summary><c>MSG-LEN SP MSG</c>.</summary>
    OctetCounted,

    /// <summary>Every message ends with LF (non-transparent framing).</summary>
    Lf,

    /// <summary>Every message ends with NUL (non-transparent framing).</summary>
    Nul,
}
