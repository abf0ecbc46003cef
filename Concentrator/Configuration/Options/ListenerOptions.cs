using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;

namespace Concentrator.Configuration.Options;

/// <summary>One entry of <c>Listeners</c>. Two records that differ in nothing but <see cref="Insight"/> and <see cref="StatsSocket"/> need the same socket: a reload leaves such a listener alone.</summary>
internal sealed record ListenerOptions
{
    /// <summary>The key under <c>Listeners</c>; the <c>listener</c> label of every metric.</summary>
    public required string Name { get; init; }

    public required ListenAddress Address { get; init; }

    /// <summary>Streams only. Default: decided per connection.</summary>
    public Framing Framing { get; init; } = Framing.Auto;

    /// <summary>Default: decided per message.</summary>
    public HeaderFormat Format { get; init; } = HeaderFormat.Auto;

    /// <summary>Unix sockets with a path only: the mode of the socket file. By default everybody may write, so that HAProxy's own user can.</summary>
    public UnixFileMode Mode { get; init; } = DefaultMode;

    /// <summary>Unix sockets with a path only: user name or numeric id; null leaves the process's own.</summary>
    public string? Owner { get; init; }

    /// <summary>Unix sockets with a path only: group name or numeric id; null leaves the process's own.</summary>
    public string? Group { get; init; }

    /// <summary>Unix sockets with a path only: take the path over from a live process that reads it instead of refusing to start.</summary>
    public bool Takeover { get; init; }

    /// <summary>Bytes. A longer message is truncated to this and counted. Default <see cref="DefaultDatagramSize"/> or <see cref="DefaultStreamSize"/>.</summary>
    public int MaxMessageSize { get; init; }

    /// <summary>
    /// Streams only: the most open connections. A further one replaces the connection that has been silent longest; if none is silent,
    /// the new one is reset at once and counted.
    /// </summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>tcp and tls only: the same limit per remote address. 0 (the default): see <see cref="ConnectionsPerAddress"/>.</summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary><see cref="MaxConnectionsPerAddress"/>, or a tenth of <see cref="MaxConnections"/>, rounded up.</summary>
    public int ConnectionsPerAddress() => MaxConnectionsPerAddress > 0 ? MaxConnectionsPerAddress : (MaxConnections + 9) / 10;

    /// <summary>
    /// Streams only: a connection silent for this long is reset, as is a TLS connection that has not begun the handshake by then. Zero (the
    /// default) keeps idle connections: HAProxy's rings are silent when its users are, and TCP keep-alive removes dead peers.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>UDP only: the socket's receive buffer in bytes, asked for with SO_RCVBUFFORCE.</summary>
    public int ReceiveBuffer { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Whether lines of HAProxy are looked into: requests, times, losses, and what Sekoia.io's parser does not read. A change needs no new socket.
    /// </summary>
    public bool Insight { get; init; } = true;

    /// <summary>
    /// HAProxy's stats socket, whose <c>DroppedLogs</c> is read every 10 seconds and counted as lost before this listener; null = the one that is found in
    /// HAProxy's configuration, if that logs to this listener; <see cref="NoStatsSocket"/> = none. A change needs no new socket.
    /// </summary>
    public string? StatsSocket { get; init; }

    public const string NoStatsSocket = "off";

    /// <summary><c>nats://</c> only.</summary>
    public NatsListenerOptions? Nats { get; init; }

    /// <summary>TLS only.</summary>
    public ListenerTlsOptions? Tls { get; init; }

    public const int DefaultDatagramSize = 64 * 1024;

    public const int DefaultStreamSize = 256 * 1024;

    public const UnixFileMode DefaultMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
}

/// <summary>The server side of TLS. All files are PEM and are read again when they change.</summary>
internal sealed record ListenerTlsOptions
{
    /// <summary>The certificate, followed by any intermediates.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>The unencrypted private key; may be the same file.</summary>
    public required string KeyFile { get; init; }

    /// <summary>If set, clients must present a certificate issued by one of these authorities (mutual TLS).</summary>
    public string? ClientCaFile { get; init; }

    /// <summary>A longer handshake, measured from its first byte, is aborted.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
