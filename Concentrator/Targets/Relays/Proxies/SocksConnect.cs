using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Proxies;

/// <summary>The client side of SOCKS 5 (RFC 1928), with user and password (RFC 1929). The proxy resolves names.</summary>
internal sealed class SocksConnect(Stream stream, ProxyCredentials? credentials)
{
    private const byte Version = 5;
    private const byte NoAuthentication = 0, UserAndPassword = 2;
    private const byte Connect = 1;
    private const byte Ip4 = 1, Name = 3, Ip6 = 4;

    /// <summary>RFC 1928 section 6, by code.</summary>
    private static readonly string?[] Replies =
    [
        null, "general failure", "its rules do not allow the connection", "network unreachable", "host unreachable", "connection refused", "TTL expired",
        "it does not support CONNECT", "it does not support this kind of address",
    ];

    /// <inheritdoc cref="ProxyTunnel.OpenAsync"/>
    public async Task<string?> OpenAsync(RelayEndpoint receiver, CancellationToken stop)
    {
        byte[] greeting = credentials is null ? [Version, 1, NoAuthentication] : [Version, 2, NoAuthentication, UserAndPassword];
        byte[] choice = await AskAsync(greeting, 2, stop).ConfigureAwait(false);
        if (choice[0] != Version) return "it does not answer as a SOCKS 5 proxy does";
        if (choice[1] == UserAndPassword && credentials is not null)
        {
            byte[] verdict = await AskAsync(Login(credentials), 2, stop).ConfigureAwait(false);
            if (verdict[1] != 0) return $"it does not accept the user and password of {ProxyReader.CredentialsFileKey}";
        }
        else if (choice[1] != NoAuthentication)
        {
            return credentials is null ? $"it asks for credentials; name their file in {ProxyReader.CredentialsFileKey}" : "it accepts neither a user and password nor none";
        }
        byte[] reply = await AskAsync(Request(receiver), 4, stop).ConfigureAwait(false);
        if (reply[0] != Version) return "it does not answer as a SOCKS 5 proxy does";
        if (reply[1] != 0) return $"it does not reach {receiver}: {(reply[1] < Replies.Length ? Replies[reply[1]] : $"code {reply[1]}")}";

        // The address that it is bound to, and a port: nothing needs them, but they precede what the receiver sends.
        int length = reply[3] switch
        {
            Ip4 => 4,
            Ip6 => 16,
            _ => (await AskAsync([], 1, stop).ConfigureAwait(false))[0],
        };
        await AskAsync([], length + sizeof(ushort), stop).ConfigureAwait(false);
        return null;
    }

    private async Task<byte[]> AskAsync(byte[] question, int answer, CancellationToken stop)
    {
        if (question.Length > 0) await stream.WriteAsync(question, stop).ConfigureAwait(false);
        byte[] bytes = new byte[answer];
        await stream.ReadExactlyAsync(bytes, stop).ConfigureAwait(false);
        return bytes;
    }

    private static byte[] Login(ProxyCredentials credentials)
    {
        byte[] user = Encoding.UTF8.GetBytes(credentials.User), password = Encoding.UTF8.GetBytes(credentials.Password.Reveal());
        return [1, (byte)user.Length, .. user, (byte)password.Length, .. password];
    }

    private static byte[] Request(RelayEndpoint receiver)
    {
        byte[] port = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)receiver.Port);
        if (IPAddress.TryParse(receiver.Host, out IPAddress? address))
            return [Version, Connect, 0, address.AddressFamily == AddressFamily.InterNetwork ? Ip4 : Ip6, .. address.GetAddressBytes(), .. port];
        byte[] name = Encoding.ASCII.GetBytes(receiver.Host);
        return [Version, Connect, 0, Name, (byte)name.Length, .. name, .. port];
    }
}
