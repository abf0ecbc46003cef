using System.Net.Security;
using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.JetStream;

/// <summary>What a <see cref="NatsSession"/> needs besides its server.</summary>
internal sealed record NatsSessionOptions
{
    /// <summary>The server; TLS checks this name.</summary>
    public required RelayEndpoint Server { get; init; }

    /// <summary>Connected to the server, or through a proxy. The session owns it.</summary>
    public required Socket Socket { get; init; }

    /// <summary>What the server's connection list shows.</summary>
    public required string Name { get; init; }

    public required NatsCredentials Credentials { get; init; }

    /// <summary>The client side of TLS, which begins after the server's first line; null = plain TCP, and a server that asks for TLS is refused.</summary>
    public Action<SslClientAuthenticationOptions>? Tls { get; init; }

    /// <summary>Limit of each step of the opening.</summary>
    public required TimeSpan Limit { get; init; }
}
