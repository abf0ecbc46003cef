using System.Net;
using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays;

/// <summary>A connection to a peer, up to the TLS layer, that no protocol uses yet. Owned by who opens a session over it.</summary>
/// <param name="Address">Where the name led: the peer's address, or the proxy's.</param>
/// <param name="Stream">The TLS layer, or the network itself.</param>
/// <param name="Network">The stream below the TLS layer.</param>
/// <param name="Acknowledgement">What the other end of the socket acknowledges: the peer, or the proxy.</param>
/// <param name="Transport">TLS version, or plain TCP, and the proxy, for the log.</param>
/// <param name="Certificate">The peer's, verified; null without TLS.</param>
internal sealed record ConnectedStream(
    IPAddress Address, Stream Stream, CountingStream Network, TcpAcknowledgement Acknowledgement, string Transport, PeerCertificate? Certificate)
    : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        // The socket first: no close message may wait for a dead peer.
        Network.Socket.Dispose();
        return Stream.DisposeAsync();
    }
}
