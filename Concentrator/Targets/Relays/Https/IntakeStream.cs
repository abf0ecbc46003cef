using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays.Https;

/// <summary>A connection to the intake, up to the TLS layer. Owned by who got it; disposing the stream closes the connection.</summary>
internal sealed record IntakeStream(Stream Stream, TcpAcknowledgement Acknowledgement);

/// <summary>No connection to the intake could be made.</summary>
/// <param name="reason">Why, in one line: the way to the intake failed, the proxy, TLS or the certificate.</param>
internal sealed class IntakeUnreachableException(string reason) : IOException(reason);
