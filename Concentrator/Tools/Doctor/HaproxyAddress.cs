using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Doctor;

/// <summary>An address of haproxy.cfg: of a <c>log</c> line, a <c>server</c>, or a <c>stats socket</c>.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="IsStream">Whether bytes flow over a connection; else datagrams are sent.</param>
internal sealed record HaproxyAddress(string Text, bool IsStream)
{
    /// <summary>Where a datagram goes whose address has no port.</summary>
    public const int SyslogPort = 514;

    /// <summary>Words before an address, and the kind of socket that some of them mean whatever stands around them.</summary>
    private static readonly (string Word, bool? IsStream)[] Kinds =
    [
        ("unix@", null), ("uxdg@", false), ("uxst@", true), ("ip@", null), ("ipv4@", null), ("ipv6@", null),
        ("udp@", false), ("udp4@", false), ("udp6@", false), ("tcp@", true), ("tcp4@", true), ("tcp6@", true),
    ];

    /// <summary>Of a unix socket, as HAProxy sees it: inside its chroot, but for a stats socket.</summary>
    public string? Path { get; private init; }

    /// <summary>Of a socket in the abstract namespace.</summary>
    public AbstractName? Abstract { get; private init; }

    /// <summary>Of a network address, empty where it means every address; null for anything else.</summary>
    public string? Host { get; private init; }

    /// <summary>Of a network address; null where none is written.</summary>
    public int? Port { get; private init; }

    /// <param name="text">As it is written.</param>
    /// <param name="isStream">What it is where no word says.</param>
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

        // The last colon parts host and port, without brackets too.
        int colon = rest.EndsWith(']') ? -1 : rest.LastIndexOf(':');
        string host = (colon < 0 ? rest : rest[..colon]).Trim('[', ']');
        int? port = int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && colon >= 0 ? number : null;
        return new HaproxyAddress(text, isStream) { Host = host == "*" ? "" : host, Port = port };
    }

    /// <summary>
    /// What the host is, as far as it is written: every address, and localhost, are this host's own. Null for a name, which is not looked up, and
    /// for what is no network address.
    /// </summary>
    public IPAddress? Ip => Host is null ? null : Host is "" or "localhost" ? IPAddress.Loopback : IPAddress.TryParse(Host, out IPAddress? ip)
        ? ip.Equals(IPAddress.Any) ? IPAddress.Loopback : ip.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : ip : null;

    /// <summary>Where to connect to it from here; null where that is not to be told from the text.</summary>
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
