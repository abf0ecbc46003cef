using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Proxies;

/// <summary>Asks a proxy for a connection to a receiver.</summary>
internal static class ProxyTunnel
{
    /// <summary>
    /// Opens the tunnel over a connection to the proxy. Afterwards the stream leads to the receiver, and no byte of it has been read.
    /// </summary>
    /// <returns>Why there is no tunnel, in one line; null = there is one.</returns>
    /// <exception cref="IOException">The connection failed, or ended.</exception>
    public static Task<string?> OpenAsync(Stream stream, RelayProxy proxy, RelayEndpoint receiver, CancellationToken stop) =>
        proxy.Protocol == ProxyProtocol.Http
            ? new HttpConnect(stream, proxy.Credentials).OpenAsync(receiver, stop)
            : new SocksConnect(stream, proxy.Credentials).OpenAsync(receiver, stop);
}
