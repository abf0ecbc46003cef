using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Hosting.Senders.HaproxyConfiguration;

/// <summary>An address in haproxy.cfg: of a <c>log</c> line, a <c>server</c>, or a <c>stats socket</c>.</summary>
/// <param name="Text">The address as written.</param>
/// <param name="IsStream">Whether it is a stream socket; otherwise datagrams are sent.</param>
internal sealed record HaproxyAddress(string Text, bool IsStream)
{
    /// <summary>The port of a datagram address that names none.</summary>
    public const int SyslogPort = 514;

    /// <summary>Address prefixes, and the socket type that some of them fix regardless of context.</summary>
    private static readonly (string Word, bool? IsStream)[] Kinds =
    [
        ("unix@", null), ("uxdg@", false), ("uxst@", true), ("ip@", null), ("ipv4@", null), ("ipv6@", null),
        ("udp@", false), ("udp4@", false), ("udp6@", false), ("tcp@", true), ("tcp4@", true), ("tcp6@", true),
    ];

    /// <summary>The path of a unix socket. HAProxy resolves it inside its chroot, except for a stats socket.</summary>
    public string? Path { get; private init; }

    /// <summary>The name of a socket in the abstract namespace.</summary>
    public AbstractName? Abstract { get; private init; }

    /// <summary>The host of a network address, empty for every address; null for any other kind of address.</summary>
    public string? Host { get; private init; }

    /// <summary>The port of a network address; null when none is written.</summary>
    public int? Port { get; private init; }

    /// <param name="text">The address as written.</param>
    /// <param name="isStream">The socket type when no prefix names one.</param>
    public static HaproxyAddress Parse(string text, bool isStream)
    {
        string rest = text;
        if (TryTake("dgram+", ref rest)) isStream = false;
        else if (TryTake("stream+", ref rest)) isStream = true;
        if (AbstractName.TryParse(rest) is { } name) return new HaproxyAddress(text, isStream) { Abstract = name };
        foreach ((string word, bool? means) in Kinds)
        {
            if (!TryTake(word, ref rest)) continue;
            isStream = means ?? isStream;
            break;
        }
        if (rest.StartsWith('/')) return new HaproxyAddress(text, isStream) { Path = rest };
        if (rest.Contains('@', StringComparison.Ordinal)) return new HaproxyAddress(text, isStream);

        // The last colon separates host and port, even without brackets.
        int colon = rest.EndsWith(']') ? -1 : rest.LastIndexOf(':');
        string host = (colon < 0 ? rest : rest[..colon]).Trim('[', ']');
        int? port = int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && colon >= 0 ? number : null;
        return new HaproxyAddress(text, isStream) { Host = host == "*" ? "" : host, Port = port };
    }

    /// <summary>
    /// The IP address, as far as the text tells it. The wildcard address and localhost map to loopback. Null for a host name, which is not
    /// resolved, and for anything that is not a network address.
    /// </summary>
    public IPAddress? Ip => Host is null ? null : Host is "" or "localhost" ? IPAddress.Loopback : IPAddress.TryParse(Host, out IPAddress? ip)
        ? ip.Equals(IPAddress.Any) ? IPAddress.Loopback : ip.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : ip : null;

    /// <summary>The endpoint to connect to from here; null when the text does not determine it.</summary>
    public EndPoint? EndPoint =>
        Path is { Length: <= AbstractName.Longest } ? new UnixDomainSocketEndPoint(Path)
        : Abstract is { Text.Length: <= AbstractName.Longest } ? Abstract.EndPoint
        : Ip is { } ip && Port is { } port ? new IPEndPoint(ip, port) : null;

    public override string ToString() => Text;

    private static bool TryTake(string word, ref string text)
    {
        if (!text.StartsWith(word, StringComparison.Ordinal)) return false;
        text = text[word.Length..];
        return true;
    }
}
