using System.Net;

namespace Concentrator.Configuration.Options;

/// <summary>How a proxy is asked for a connection.</summary>
internal enum ProxyProtocol : byte
{
    /// <summary>HTTP CONNECT (RFC 9110 section 9.3.6).</summary>
    Http,

    /// <summary>SOCKS 5 (RFC 1928).</summary>
    Socks5,
}

/// <summary>The proxy that a relay goes through. It resolves the name of the receiver; nothing is asked of DNS here but its own name.</summary>
/// <param name="Protocol">The way to ask it.</param>
/// <param name="Address">Where it is.</param>
internal sealed record RelayProxy(ProxyProtocol Protocol, RelayEndpoint Address)
{
    /// <summary>Null = none are shown.</summary>
    public ProxyCredentials? Credentials { get; init; }

    /// <summary>What <c>NO_PROXY</c> says, for a proxy of the environment: names, their domains, addresses and networks that are reached without it.</summary>
    public string Exceptions { get; init; } = "";

    /// <summary>Whether the proxy is to be used for that peer.</summary>
    public bool Serves(RelayEndpoint peer) =>
        !Exceptions.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Any(entry => Names(entry, peer.Host));

    /// <summary>As the configuration writes it, without credentials.</summary>
    public override string ToString() => $"{(Protocol == ProxyProtocol.Http ? "http" : "socks5")}://{Address}";

    private static bool Names(string entry, string host)
    {
        if (entry == "*") return true;
        if (IPAddress.TryParse(host, out IPAddress? address))
            return IPNetwork.TryParse(entry, out IPNetwork network) ? network.Contains(address) : IPAddress.TryParse(entry.Trim('[', ']'), out IPAddress? same) && same.Equals(address);
        string domain = entry.TrimStart('*').TrimStart('.');
        return domain.Length > 0
            && (host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>What a proxy knows its users by.</summary>
internal sealed record ProxyCredentials(string User, Secret Password);
