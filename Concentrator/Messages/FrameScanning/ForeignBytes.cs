namespace Concentrator.Messages.FrameScanning;

/// <summary>Protocols that a connection may send instead of plain syslog.</summary>
internal enum ForeignProtocol : byte
{
    None,

    /// <summary>A TLS handshake (RFC 8446 section 5.1).</summary>
    Tls,

    /// <summary>An HTTP/1.1 or HTTP/2 request (RFC 9112 section 3, RFC 9113 section 3.4).</summary>
    Http,

    /// <summary>HAProxy's PROXY protocol, version 1 or 2.</summary>
    ProxyProtocol,

    /// <summary>zlib (RFC 1950) of rsyslog's omfwd with compression.mode, as one stream or <c>z</c> and one a message; or gzip.</summary>
    Compressed,
}

/// <summary>Recognises other protocols by a connection's first bytes: a guess for a log hint, never for handling the bytes.</summary>
internal static class ForeignBytes
{
    /// <param name="first">The first bytes of a connection, as many as have arrived.</param>
    public static ForeignProtocol Recognize(ReadOnlySpan<byte> first)
    {
        if (first.Length < 4) return ForeignProtocol.None;
        if (first[0] == 0x16 && first[1] == 3 && first[2] <= 4) return ForeignProtocol.Tls;
        if (first.StartsWith("PROXY "u8) || first.StartsWith("\r\n\r\n\0\r\nQUIT\n"u8)) return ForeignProtocol.ProxyProtocol;
        if (IsRequest(first)) return ForeignProtocol.Http;
        return IsCompressed(first) || IsCompressed(first.TrimStart("0123456789"u8).TrimStart((byte)' ')) ? ForeignProtocol.Compressed : ForeignProtocol.None;
    }

    private static bool IsRequest(ReadOnlySpan<byte> first) =>
        first.StartsWith("GET /"u8) || first.StartsWith("POST /"u8) || first.StartsWith("HEAD /"u8) || first.StartsWith("PUT /"u8)
        || first.StartsWith("DELETE /"u8) || first.StartsWith("OPTIONS "u8) || first.StartsWith("CONNECT "u8) || first.StartsWith("PRI * HTTP/2"u8);

    private static bool IsCompressed(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith((byte)'z')) text = text[1..];
        if (text.Length < 3) return false;

        // Deflate with a window of 32 KB, and a check over both bytes (RFC 1950 section 2.2). Of the four that pass it, only x^ is text.
        bool isZlib = text[0] == 0x78 && ((text[0] << 8) | text[1]) % 31 == 0 && (text[1] & 0x20) == 0;
        if (text[1] == (byte)'^') isZlib &= text[2] is < 0x20 or > 0x7E;
        return isZlib || (text[0] == 0x1F && text[1] == 0x8B);
    }
}
