using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays;

/// <summary>Every way in which connecting to a peer can fail, by phase.</summary>
internal enum ConnectPhase : byte
{
    Resolve,
    Connect,

    /// <summary>The peer's host answered the connect with a refusal: nothing listens there, or a firewall says so for it.</summary>
    Refused,

    Certificate,
    Handshake,
    Session,
}

/// <summary>
/// Why an endpoint could not be used: the phase, and one line for people. <paramref name="Certificate"/> is set when the
/// peer's certificate was the reason.
/// </summary>
internal sealed record ConnectFailure(ConnectPhase Phase, RelayEndpoint Endpoint, string Reason, PeerCertificate? Certificate = null);
