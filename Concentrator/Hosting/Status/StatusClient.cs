using System.Net;

namespace Concentrator.Hosting.Status;

/// <summary>The other side of <see cref="StatusServer"/>: for commands that ask the server that runs on this host.</summary>
internal static class StatusClient
{
    /// <summary>A client that asks this host and no proxy of the environment's. The caller's to dispose.</summary>
    /// <param name="limit">For one whole answer.</param>
    public static HttpClient Create(TimeSpan limit) => new(new SocketsHttpHandler { UseProxy = false }) { Timeout = limit };

    /// <summary>Where a page is, such as <c>metrics</c>. Who listens everywhere is reached at home.</summary>
    /// <param name="monitoring">As the server's configuration has it.</param>
    /// <param name="name">Of the page, without a slash.</param>
    public static Uri Page(IPEndPoint monitoring, string name)
    {
        IPAddress address = monitoring.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : monitoring.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : monitoring.Address;
        return new Uri($"http://{new IPEndPoint(address, monitoring.Port)}/{name}");
    }
}
