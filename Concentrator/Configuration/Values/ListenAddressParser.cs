using System.Net;
using System.Text;
using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Values;

/// <summary>Reads every kind of <see cref="ListenAddress"/>.</summary>
internal static class ListenAddressParser
{
    /// <summary>Bytes. sun_path holds 108 with its closing NUL (unix(7)); the temporary name before the rename needs one more.</summary>
    private const int MaxUnixPath = 106;

    private const string Kinds =
        "write unix-dgram:PATH, unix-stream:PATH (or abns@NAME in place of PATH), udp://IP:PORT, tcp://IP:PORT, tls://IP:PORT or nats://HOST:PORT, "
        + "for example \"udp://0.0.0.0:514\"";

    private static readonly (string Prefix, Transport Transport)[] Schemes =
    [
        ("unix-dgram:", Transport.UnixDatagram),
        ("unix-stream:", Transport.UnixStream),
        ("udp://", Transport.Udp),
        ("tcp://", Transport.Tcp),
        ("tls://", Transport.Tls),
        ("nats://", Transport.Nats),
    ];

    public static Parsed<ListenAddress?> Parse(string text)
    {
        foreach ((string prefix, Transport transport) in Schemes)
        {
            if (!text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            string rest = text[prefix.Length..];
            if (transport is Transport.UnixDatagram or Transport.UnixStream)
            {
                if (AbstractName.TryParse(rest) is AbstractName name)
                {
                    return CheckName(prefix, name) is Problem bad ? bad : new ListenAddress(transport, null, null) { Abstract = name };
                }
                return CheckUnixPath(prefix, rest) is Problem wrong ? wrong : new ListenAddress(transport, rest, null);
            }
            if (transport == Transport.Nats) return ParseServers(rest);
            return AddressParser.ParseLocal(rest, $"{prefix}0.0.0.0:{(transport == Transport.Tls ? 6514 : 514)}")
                .TryGet(out IPEndPoint? endPoint, out string? problem)
                ? new ListenAddress(transport, null, endPoint)
                : new Problem(problem);
        }
        return new Problem($"{Problem.Quote(text)} is not an address to listen on; {Kinds}");
    }

    private static Parsed<ListenAddress?> ParseServers(string text)
    {
        List<RelayEndpoint> servers = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!NatsServer.Parse(part).TryGet(out RelayEndpoint? server, out string? problem)) return new Problem(problem);
            if (servers.Contains(server)) return new Problem($"lists {server} twice; remove one");
            servers.Add(server);
        }
        return new ListenAddress(Transport.Nats, null, null) { Servers = new RelayEndpoints(servers) };
    }

    private static Problem? CheckName(string prefix, AbstractName name)
    {
        string example = $"for example \"{prefix}{AbstractName.PaddedKind}haproxy\"";
        int bytes = Encoding.UTF8.GetByteCount(name.Text);
        return bytes == 0 ? new Problem($"names no abstract socket; write a name after the @, {example}")
            : name.Text.Contains('\0', StringComparison.Ordinal) ? new Problem($"the name of the abstract socket contains a NUL character; {example}")
            : bytes > AbstractName.Longest
                ? new Problem($"the name of the abstract socket has {bytes} bytes, but the system allows at most {AbstractName.Longest}; choose a shorter one, "
                    + $"{example}")
            : null;
    }

    /// <summary>What is wrong with the path of a unix socket; null = nothing.</summary>
    /// <param name="prefix">What precedes it in the configuration, for the example.</param>
    /// <param name="path">The path.</param>
    public static Problem? CheckUnixPath(string prefix, string path)
    {
        if (path.StartsWith('@'))
        {
            return new Problem($"{Problem.Quote(path)} does not say which kind of abstract socket is meant; write \"{prefix}{AbstractName.PaddedKind}{path[1..]}\" "
                + $"for HAProxy's \"log {AbstractName.PaddedKind}{path[1..]}\", whose name is padded, or \"{prefix}{AbstractName.ShortKind}{path[1..]}\" for exactly that name");
        }
        string example = $"for example \"{prefix}/run/concentrator/log\"";
        return !path.StartsWith('/') || path.StartsWith("//", StringComparison.Ordinal) || path.EndsWith('/')
            ? new Problem($"{Problem.Quote(path)} is not the absolute path of a socket; {example}")
            : path.Contains('\0', StringComparison.Ordinal) ? new Problem($"the path of the socket contains a NUL character; {example}")
            : Encoding.UTF8.GetByteCount(path) > MaxUnixPath
                ? new Problem($"the path of the socket has {Encoding.UTF8.GetByteCount(path)} bytes, but the system allows at most {MaxUnixPath}; "
                    + $"choose a shorter one, {example}")
            : null;
    }
}
