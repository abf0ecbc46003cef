using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays;

/// <summary>The phase in which connecting to a peer failed.</summary>
internal enum ConnectPhase : byte
{
    Resolve,
    Connect,

    /// <summary>The connection was refused: nothing listens on the port, or a firewall answers so.</summary>
    Refused,

    /// <summary>The proxy was reached and gave no connection to the peer.</summary>
    Proxy,

    Certificate,
    Handshake,
    Session,
}

/// <summary>
/// Why an endpoint could not be used: the phase, and a one-line reason. <paramref name="Certificate"/> is set when the
/// peer's certificate was the reason, <paramref name="Remedy"/> where the protocol knows what would help.
/// </summary>
internal sealed record ConnectFailure(ConnectPhase Phase, RelayEndpoint Endpoint, string Reason, PeerCertificate? Certificate = null, string? Remedy = null);
