namespace Concentrator.Accounting;

/// <summary>The peer of a relay's connection.</summary>
/// <param name="Endpoint">As configured; of several, the one in use.</param>
/// <param name="Protocol"><c>TLS 1.3</c>, <c>plain TCP</c>, or <c>RELP over</c> or <c>HTTPS over</c> one of these.</param>
/// <param name="CertificateEnds">End of the peer certificate's validity, local time; null without TLS.</param>
/// <param name="CertificateSubject">The subject of the peer's certificate; null without TLS.</param>
internal sealed record ConnectedPeer(string Endpoint, string Protocol, DateTime? CertificateEnds, string? CertificateSubject = null);
