using Concentrator.Messages.Rendering;

namespace Concentrator.Configuration.Options;

/// <summary>One entry of <c>Outputs</c>. Two equal records need the same target: a reload leaves such an output alone.</summary>
internal abstract record OutputOptions
{
    /// <summary>The key under <c>Outputs</c>; the <c>output</c> label of every metric.</summary>
    public required string Name { get; init; }

    public TimestampSource Timestamp { get; init; } = TimestampSource.Received;
}

/// <summary>How a message is written to a file (configuration key <c>Outputs.*.Format</c>).</summary>
internal enum FileFormat : byte
{
    /// <summary><c>Nov 22 05:38:11 host haproxy[1234]: …</c>: what rsyslog writes and <c>halog</c> reads.</summary>
    Traditional,

    /// <summary>The same with an RFC 3339 timestamp.</summary>
    Rfc3339,

    /// <summary>The whole RFC 5424 message, PRI included.</summary>
    Rfc5424,

    /// <summary>The bytes as received.</summary>
    Raw,

    /// <summary>Only the text of the message.</summary>
    Message,

    /// <summary>One JSON object a line (<see cref="JsonLine"/>).</summary>
    Json,

    /// <summary>
    /// Two lines a message, <c>[Input LISTENER]</c> with the bytes as received and <c>[Output LISTENER]</c> with what is sent to
    /// Sekoia.io, the intake key masked: what the forwarder's <c>debug: true</c> prints.
    /// </summary>
    Debug,
}

/// <summary>An output of type <c>file</c>.</summary>
internal sealed record FileOutputOptions : OutputOptions
{
    /// <summary>The file. <c>/dev/stdout</c> is the process's standard output, whatever that is.</summary>
    public required string Path { get; init; }

    /// <summary>Null = the format of the file's existing lines (<see cref="ExistingFileFormat"/>); never null in a running pipeline.</summary>
    public FileFormat? Format { get; init; }

    /// <summary>The mode a new file is created with.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>User name or numeric id for a new file; null leaves the process's own.</summary>
    public string? Owner { get; init; }

    /// <summary>Group name or numeric id for a new file; null leaves the process's own.</summary>
    public string? Group { get; init; }
}

/// <summary>What a relay sends (configuration key <c>Outputs.*.Format</c>).</summary>
internal enum RelayFormat : byte
{
    /// <summary>The frame that Sekoia.io expects, with the intake key as structured data; needs a key.</summary>
    Sekoia,

    /// <summary>Rendered again as RFC 5424; the message's own structured data is kept.</summary>
    Rfc5424,

    /// <summary>The bytes as received.</summary>
    Raw,
}

/// <summary>How a syslog relay delimits messages (configuration key <c>Outputs.*.Framing</c>).</summary>
internal enum RelayFraming : byte
{
    /// <summary>The length before each message: RFC 5425, RFC 6587 3.4.1.</summary>
    OctetCounted,

    /// <summary>A line feed after each message, RFC 6587 3.4.2; line feeds inside a message are escaped.</summary>
    Lf,
}

/// <summary>The protocol of a relay (from <c>Outputs.*.Type</c>).</summary>
internal enum RelayProtocol : byte
{
    /// <summary>Octet-counted frames, RFC 5425 and RFC 6587 3.4.1: acknowledged only by TCP.</summary>
    Syslog,

    /// <summary>RELP version 1: the receiver acknowledges each message.</summary>
    Relp,

    /// <summary>Sekoia.io's HTTPS intake: its answer names each event.</summary>
    Https,

    /// <summary>A stream of NATS JetStream, which acknowledges each publication.</summary>
    Nats,
}

/// <summary>
/// An output of type <c>syslog-tls</c>, <c>relp-tls</c> or <c>sekoia-https</c> (<see cref="Tls"/> set), <c>syslog-tcp</c> or <c>relp</c>
/// (<see cref="Tls"/> null), or <c>nats</c> (<see cref="Nats"/> set).
/// </summary>
internal sealed record RelayOutputOptions : OutputOptions
{
    /// <summary>Bytes, 250 KiB: Sekoia.io silently drops longer events.</summary>
    public const int MostForSekoia = 250 * 1024;

    /// <summary>Bytes, 64 KiB: syslog-ng's default <c>log-msg-size()</c>, above which it closes the connection.</summary>
    public const int MostForOthers = 64 * 1024;

    /// <summary>The type as the configuration writes it.</summary>
    public string Type => TypeOf(Protocol, Tls is not null);

    public RelayProtocol Protocol { get; init; }

    /// <summary>
    /// Whether the receiving program acknowledges each message, so that positions of a connection count messages; otherwise the peer's TCP
    /// stack does, and they count bytes.
    /// </summary>
    public bool AcknowledgesMessages => Protocol != RelayProtocol.Syslog;

    /// <summary>
    /// Whether the peer says what it refuses, and why. Connections that end over the same message are then no sign of one that is refused, and
    /// none is searched for.
    /// </summary>
    public bool NamesRefusals => Protocol == RelayProtocol.Nats;

    /// <summary>
    /// Whether what is sent together has to be what the log holds as one record, also after a restart: the peer recognises it by that.
    /// </summary>
    public bool SendsRecords => Nats is { Batch: NatsBatch.Block };

    /// <summary>
    /// The peers, tried in this order; the relay returns to the first when that is available again. Servers of NATS are equals: the relay stays
    /// with the one that it has.
    /// </summary>
    public required RelayEndpoints Endpoints { get; init; }

    /// <summary>
    /// Default: <see cref="RelayFormat.Sekoia"/> where an intake key applies, else <see cref="RelayFormat.Rfc5424"/>; null
    /// means that default.
    /// </summary>
    public RelayFormat? Format { get; init; }

    /// <summary>Applies to syslog only: RELP has its own frames, and HTTPS has requests.</summary>
    public RelayFraming Framing { get; init; }

    /// <summary>
    /// Default: escaped in <see cref="RelayFormat.Sekoia"/>, as Sekoia.io's forwarder does, and kept in <see cref="RelayFormat.Rfc5424"/>;
    /// null means that default. <see cref="RelayFormat.Raw"/> keeps every byte.
    /// </summary>
    public ControlCharacters? ControlCharacters { get; init; }

    /// <summary>Applies to <see cref="RelayFormat.Sekoia"/> only; the other formats keep structured data unchanged.</summary>
    public StructuredDataUse StructuredData { get; init; } = StructuredDataUse.Auto;

    /// <summary>The key for routes that have none of their own.</summary>
    public Secret? IntakeKey { get; init; }

    /// <summary>
    /// How much of the data acknowledged by the peer's TCP stack is sent again after a reset or a timeout, at most 8 MB, because the
    /// peer's program may not have read it. Zero avoids duplicates and may lose unread data. Zero for RELP and HTTPS, where the
    /// program itself acknowledges.
    /// </summary>
    public TimeSpan ReplayTail { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The most bytes a second written to the connection, counted as frames before TLS; the excess waits in the spool. Null = as
    /// fast as the peer accepts them.
    /// </summary>
    public long? MaxRate { get; init; }

    /// <summary>
    /// Bytes of the longest frame that the peer accepts, including header and octet count; the text of a longer one is truncated. Null =
    /// <see cref="MostForSekoia"/> in Sekoia's format, else <see cref="MostForOthers"/>.
    /// </summary>
    public int? MaxFrameSize { get; init; }

    /// <summary>
    /// Bytes of messages held in memory; null = <see cref="SpoolOptions.MaxMemory"/>. Applied when the queue is opened: an output that
    /// continues across a reload keeps its limit.
    /// </summary>
    public long? MaxMemory { get; init; }

    /// <summary>Null for plain TCP.</summary>
    public RelayTlsOptions? Tls { get; init; }

    /// <summary>Set for <see cref="RelayProtocol.Https"/>, else null.</summary>
    public HttpsIntakeOptions? Https { get; init; }

    /// <summary>Null = no proxy.</summary>
    public RelayProxy? Proxy { get; init; }

    /// <summary>Set for <see cref="RelayProtocol.Nats"/> only.</summary>
    public NatsOutputOptions? Nats { get; init; }

    /// <summary>The proxy on the way to that peer; null = none.</summary>
    public RelayProxy? ProxyFor(RelayEndpoint peer) => Proxy?.Serves(peer) == true ? Proxy : null;

    /// <summary>The type as the configuration writes it.</summary>
    public static string TypeOf(RelayProtocol protocol, bool secure) => protocol switch
    {
        RelayProtocol.Https => "sekoia-https",
        RelayProtocol.Nats => "nats",
        RelayProtocol.Relp => secure ? "relp-tls" : "relp",
        _ => secure ? "syslog-tls" : "syslog-tcp",
    };
}

/// <summary>Host (name or address) and port of one relay peer.</summary>
internal sealed record RelayEndpoint(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

/// <summary>An ordered, never empty list of peers that compares by its contents.</summary>
internal sealed record RelayEndpoints(IReadOnlyList<RelayEndpoint> List)
{
    public bool Equals(RelayEndpoints? other) => other is not null && List.SequenceEqual(other.List);

    public override int GetHashCode() => List.Count == 0 ? 0 : List[0].GetHashCode();
}

/// <summary>The client side of TLS. All files are PEM and are read at every connect.</summary>
internal sealed record RelayTlsOptions
{
    /// <summary>The authorities to trust instead of the system's; null = the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The name to send (SNI) and to require in the certificate; null = the endpoint's host.</summary>
    public string? ServerName { get; init; }

    /// <summary>A client certificate, for peers that require one; null = none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The client certificate's unencrypted key; required with <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Accept any certificate from the peer. Every connect then logs a warning.</summary>
    public bool Insecure { get; init; }
}
