namespace Concentrator.Targets.Relays;

/// <summary>
/// Time limits for each step with a peer, so that no peer, and no name server, blocks a relay for ever. Overridden in tests only;
/// operators have nothing to tune here.
/// </summary>
internal sealed record RelayDeadlines
{
    public static readonly RelayDeadlines Default = new();

    public TimeSpan Resolve { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Limit for the TLS handshake, and then for RELP's <c>open</c>.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A peer that acknowledges nothing for this time while a write waits is dead.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A peer that acknowledges nothing of the sent bytes for this time is dead (for syslog, also TCP_USER_TIMEOUT).</summary>
    public TimeSpan Acknowledge { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit for an orderly close, the relay's or its answer to the peer's, and for what is in flight when the relay detaches.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Interval between attempts to return to the first endpoint while another is in use.</summary>
    public TimeSpan Return { get; init; } = TimeSpan.FromSeconds(30);
}
