namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>Lines of HAProxy that Sekoia.io's parser does not read, or not wholly; the value of the <c>kind</c> label.</summary>
internal enum UnreadableKind : byte
{
    TcpLog,
    Clf,
    Json,
    Custom,
    Uri,
    UnixClient,
    Truncated,
    HttpsTlsVersion,
    Health,
    State,
    RingNotice,
}

/// <summary>The label of each kind, and what to change in haproxy.cfg.</summary>
internal static class UnreadableKinds
{
    public static readonly UnreadableKind[] All = Enum.GetValues<UnreadableKind>();

    public static string Label(this UnreadableKind kind) => kind switch
    {
        UnreadableKind.TcpLog => "tcplog",
        UnreadableKind.Clf => "clf",
        UnreadableKind.Json => "json",
        UnreadableKind.Custom => "custom",
        UnreadableKind.Uri => "uri",
        UnreadableKind.UnixClient => "unix_client",
        UnreadableKind.Truncated => "truncated",
        UnreadableKind.HttpsTlsVersion => "httpslog_tls_version",
        UnreadableKind.Health => "health",
        UnreadableKind.State => "state",
        _ => "ring_notice",
    };

    /// <summary>Whether a directive of HAProxy ends lines of that kind.</summary>
    public static bool IsMendable(this UnreadableKind kind) => kind is not (UnreadableKind.Uri or UnreadableKind.State);

    /// <summary>One sentence: which directive to change, and how.</summary>
    public static string Remedy(this UnreadableKind kind) => kind switch
    {
        UnreadableKind.TcpLog => "Use 'option httplog' with 'mode http'; in mode tcp remove 'option tcplog', because the lines 'Connect from' are read.",
        UnreadableKind.Clf => "Use 'option httplog' in place of 'option httplog clf'.",
        UnreadableKind.Json => "Use 'option httplog' in place of the JSON 'log-format'.",
        UnreadableKind.Custom => "Use 'option httplog' in place of the 'log-format' or 'error-log-format'; fields of your own may stand behind its last one.",
        UnreadableKind.Uri => "The client's URI has a character that the parser refuses, and no directive of HAProxy writes it otherwise.",
        UnreadableKind.UnixClient => "Bind the frontend to 127.0.0.1 in place of a unix socket, or use 'accept-proxy', so that the line begins with an address.",
        UnreadableKind.Truncated => "Raise 'len' of the 'log' line, or 'maxlen' of the ring, to 8192.",
        UnreadableKind.HttpsTlsVersion => "Append '%sslv' to the format of 'option httplog' in place of 'option httpslog': the TLS version is read only right behind the request.",
        UnreadableKind.Health => "Remove 'option log-health-checks'.",
        UnreadableKind.State => "HAProxy's lines about the state of its servers and proxies arrive unparsed, and no directive of HAProxy turns them off.",
        _ => "Raise 'size' of the ring, or log to a unix datagram socket: HAProxy has lost lines.",
    };
}
