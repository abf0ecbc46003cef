namespace Concentrator.Messages.HAProxyLines;

/// <summary>
/// What a line of HAProxy is, as far as a reader of it is concerned: the kinds up to <see cref="MarkedJson"/> are those that Sekoia.io's parser
/// reads (docs/reference/receivers.md, Sekoia.io), the rest arrive there unparsed.
/// </summary>
internal enum LineKind : byte
{
    /// <summary>A request as <c>option httplog</c> writes it, or <c>option httpslog</c> of a connection without TLS.</summary>
    Request,

    /// <summary>A connection that failed before a request: <c>CLIENT [DATE] FRONTEND/BIND: text</c>.</summary>
    ConnectionError,

    /// <summary><c>Connect from …</c>, the line of a proxy without a format.</summary>
    Connect,

    /// <summary>JSON behind <c>[WORD] N </c>.</summary>
    MarkedJson,

    /// <summary>A request of <c>option httpslog</c>: read, but its TLS version is not, because it does not stand right behind the request.</summary>
    RequestWithTlsVersion,

    /// <summary>A request whose URI has characters that the parser does not expect, such as <c>|</c> or <c>OPTIONS *</c>.</summary>
    OddUri,

    /// <summary>A session as <c>option tcplog</c> writes it.</summary>
    TcpSession,

    /// <summary>Apache's format: <c>option httplog clf</c>.</summary>
    Clf,

    /// <summary>JSON alone.</summary>
    Json,

    /// <summary>A result of a health check, which <c>option log-health-checks</c> makes HAProxy log.</summary>
    HealthCheck,

    /// <summary>The state of servers, backends and proxies: <c>Server … is DOWN</c>, <c>Proxy … stopped</c>.</summary>
    StateNotice,

    /// <summary>A ring's own <c>N events dropped</c>.</summary>
    DroppedNotice,

    /// <summary>A client on a unix socket: <c>unix:1</c> stands where the parser expects an address.</summary>
    UnixClient,

    /// <summary>A request or session that was cut before the end that its format has.</summary>
    Truncated,

    /// <summary>None of these: a <c>log-format</c> or <c>error-log-format</c> of the administrator's own.</summary>
    Custom,
}
