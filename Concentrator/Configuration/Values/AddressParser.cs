using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Values;

/// <summary>Reads <c>IP:PORT</c>, <c>HOST:PORT</c> and networks. Never queries DNS.</summary>
internal static class AddressParser
{
    /// <summary>An address of this machine: an IP (IPv6 in brackets) and a port; port 0 means any free one.</summary>
    /// <param name="text">The configured value, without a scheme.</param>
    /// <param name="example">A complete valid value, for the error.</param>
    public static Parsed<IPEndPoint> ParseLocal(string text, string example)
    {
        if (Split(text, out string host, out string port) is Problem problem)
        {
            return new Problem($"{problem.Text}, for example \"{example}\"");
        }
        if (!TryPort(port, 0, out int number))
        {
            return new Problem($"{Problem.Quote(port)} is not a port; write a number from 0 (any free port) to 65535, for example "
                + $"\"{example}\"");
        }
        if (host is "" or "*")
        {
            return new Problem($"{Problem.Quote(text)} has no address; write 0.0.0.0 for all IPv4 addresses or [::] for all IPv6, "
                + $"for example \"{example}\"");
        }
        return TryAddress(host, out IPAddress address)
            ? new IPEndPoint(address, number)
            : new Problem($"{Problem.Quote(host)} is not an IP address, and host names are not resolved here; "
                + $"write an IP address of this machine, or 0.0.0.0 for all, for example \"{example}\"");
    }

    /// <summary>A peer: a host name or IP (IPv6 in brackets) and a port.</summary>
    public static Parsed<RelayEndpoint> ParsePeer(string text)
    {
        const string Example = "for example \"intake.sekoia.io:10514\"";
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return new Problem($"{Problem.Quote(text)} has a scheme; write host:port only, {Example}");
        }
        if (Split(text, out string host, out string port) is Problem problem)
        {
            return new Problem($"{problem.Text}, {Example}");
        }
        if (!TryPort(port, 1, out int number))
        {
            return new Problem($"{Problem.Quote(port)} is not a port; write a number from 1 to 65535, {Example}");
        }
        return TryAddress(host, out IPAddress address) ? new RelayEndpoint(address.ToString(), number)
            : IsHostName(host) ? new RelayEndpoint(host, number)
            : new Problem($"{Problem.Quote(host)} is neither a host name nor an IP address; write host:port, {Example}");
    }

    /// <summary>A network in CIDR notation or one address. A network with host bits set is an error, which names the right one.</summary>
    public static Parsed<IPNetwork?> ParseNetwork(string text)
    {
        const string Example = "for example \"10.0.0.0/8\", \"192.0.2.7\" or \"2001:db8::/32\"";
        string[] parts = text.Split('/');
        if (parts.Length > 2 || !TryAddress(parts[0], out IPAddress address))
        {
            return new Problem($"{Problem.Quote(text)} is not a network; write an IP address or ADDRESS/BITS, {Example}");
        }
        int width = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int bits = width;
        if (parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > width))
        {
            return new Problem($"{Problem.Quote(parts[1])} is not a prefix length; write a number from 0 to {width}, {Example}");
        }
        IPAddress network = Mask(address, bits);
        return network.Equals(address)
            ? new IPNetwork(network, bits)
            : new Problem($"{Problem.Quote(text)} has bits set after the first {bits}; write \"{network}/{bits}\", or \"{address}\" "
                + "for this single address");
    }

    /// <summary>Labels of 1 to 63 letters, digits, hyphens and underscores (container networks use them); not an attempt at IPv4.</summary>
    public static bool IsHostName(string host)
    {
        string[] labels = (host.EndsWith('.') ? host[..^1] : host).Split('.');
        return host.Length is > 0 and <= 253
            && labels.All(label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            && !labels[^1].All(char.IsAsciiDigit);
    }

    /// <summary>An IPv4 address in four plain decimal parts (no <c>127.1</c>, no octal), or an IPv6 address without brackets.</summary>
    public static bool TryAddress(string text, out IPAddress address)
    {
        bool parsed = IPAddress.TryParse(text, out IPAddress? found)
            && !text.StartsWith('[')
            && (found.AddressFamily == AddressFamily.InterNetworkV6 || found.ToString() == text);
        address = found ?? IPAddress.None;
        return parsed;
    }

    private static Problem? Split(string text, out string host, out string port)
    {
        host = port = "";
        if (text.StartsWith('['))
        {
            int close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || close + 1 >= text.Length || text[close + 1] != ':')
            {
                return new Problem($"{Problem.Quote(text)} is not an IPv6 address in brackets with a port");
            }
            host = text[1..close];
            port = text[(close + 2)..];
            return host.Contains(':', StringComparison.Ordinal)
                ? null
                : new Problem($"{Problem.Quote(host)} is not an IPv6 address; brackets are for IPv6 addresses only");
        }
        int colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return new Problem($"{Problem.Quote(text)} has no port; add a colon and the port number");
        }
        if (text.IndexOf(':', StringComparison.Ordinal) != colon)
        {
            return new Problem($"{Problem.Quote(text)} has several colons; write an IPv6 address in brackets, as in \"[::1]:514\", "
                + "followed by the port");
        }
        host = text[..colon];
        port = text[(colon + 1)..];
        return null;
    }

    private static bool TryPort(string text, int least, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port >= least && port <= IPEndPoint.MaxPort;

    private static IPAddress Mask(IPAddress address, int bits)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(bits - (8 * i), 0, 8);
            bytes[i] &= (byte)(0xFF00 >> kept);
        }
        return new IPAddress(bytes);
    }
}
