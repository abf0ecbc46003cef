using System.Net;

namespace Concentrator.Hosting.Status;

/// <summary>The client of <see cref="StatusServer"/>, for commands that query the server on this host.</summary>
internal static class StatusClient
{
    /// <summary>Creates a client that ignores the proxy settings of the environment. The caller disposes it.</summary>
    /// <param name="limit">Time limit for one whole answer.</param>
    public static HttpClient Create(TimeSpan limit) => new(new SocketsHttpHandler { UseProxy = false }) { Timeout = limit };

    /// <summary>The address of a page such as <c>metrics</c>. A server that listens on every address is reached by loopback.</summary>
    /// <param name="monitoring">The address in the server's configuration.</param>
    /// <param name="name">The page's name without a slash.</param>
    public static Uri Page(IPEndPoint monitoring, string name)
    {
        IPAddress address = monitoring.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : monitoring.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : monitoring.Address;
        return new Uri($"http://{new IPEndPoint(address, monitoring.Port)}/{name}");
    }
}
