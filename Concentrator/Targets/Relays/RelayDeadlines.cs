namespace Concentrator.Targets.Relays;

/// <summary>
/// How long each step with a peer may take: no peer, and no name server, holds a relay for ever. Virtual in tests only;
/// operators have nothing to tune here.
/// </summary>
internal sealed record RelayDeadlines
{
    public static readonly RelayDeadlines Default = new();

    public TimeSpan Resolve { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>TLS's, and then RELP's <c>open</c>.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A write that waits, and nothing is acknowledged within this time: the peer is dead.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sent bytes of which none is acknowledged within this time: the peer is dead (for syslog, also TCP_USER_TIMEOUT).</summary>
    public TimeSpan Acknowledge { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>While connected to another endpoint than the first: how often the first is tried.</summary>
    public TimeSpan Return { get; init; } = TimeSpan.FromSeconds(30);
}
