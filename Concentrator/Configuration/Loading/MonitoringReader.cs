using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads <c>Monitoring</c>.</summary>
internal static class MonitoringReader
{
    public const string Section = "Monitoring";

    public const string TokenKey = "Token";

    private const string AddressKey = "Address";
    private const string TokenFileKey = "TokenFile";
    private const string TlsKey = "Tls";

    /// <summary>Characters. Fewer could be guessed.</summary>
    private const int ShortestToken = 16;

    private const int LongestToken = 256;

    private static readonly SecretReader Tokens = new(TokenKey, TokenFileKey, "token", "/etc/concentrator/monitoring.token");

    /// <summary>
    /// Null (no pages) for the word <c>off</c> or JSON null at the key <c>Address</c>. A missing or invalid value means the default.
    /// </summary>
    public static MonitoringOptions? Read(SectionReader server, IReadOnlyList<ListenerOptions> listeners)
    {
        SectionReader section = server.Object(Section);
        MonitoringOptions defaults = MonitoringOptions.Default;
        bool off = section.Mentions(AddressKey) && !section.Has(AddressKey);
        MonitoringAddress? address = section.Value(AddressKey, ParseAddress, off ? null : defaults.Address);
        MonitoringOptions options = defaults with
        {
            Token = Tokens.Read(section, (source, token) => IsRight(section, source, token)),
            Tls = ReadTls(section, address),
            Hosts = ReadHosts(section),
            Public = section.Value("Public", Choices.Switch.Parse, defaults.Public),
            Mode = ReadMode(section, address, defaults.Mode),
        };
        section.Finish();
        if (address is null) return null;
        options = options with { Address = address };
        CheckAddressIsFree(section, address, listeners);
        if (options.IsOpenUnasked)
        {
            section.Warn(AddressKey, $"{address} shows counters, addresses and log lines to everybody who reaches it; set {TokenFileKey}, or Tls, or \"Public\": true "
                + $"if that is meant, or listen on {defaults.Address}");
        }
        return options;
    }

    private static Parsed<MonitoringAddress?> ParseAddress(string text)
    {
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase)) return (MonitoringAddress?)null;
        if (text.StartsWith(MonitoringAddress.UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            string path = text[MonitoringAddress.UnixPrefix.Length..];
            return ListenAddressParser.CheckUnixPath(MonitoringAddress.UnixPrefix, path) is Problem wrong ? wrong : new MonitoringAddress(null, path);
        }
        return AddressParser.ParseLocal(text, MonitoringOptions.Default.Address.ToString()).TryGet(out IPEndPoint? endPoint, out string? problem)
            ? new MonitoringAddress(endPoint, null)
            : new Problem($"{problem}, or \"unix:PATH\", or \"off\"");
    }

    private static bool IsRight(SectionReader section, string source, string token)
    {
        if (token.Length is < ShortestToken or > LongestToken)
        {
            section.Error(source, $"has {token.Length} characters; a token has {ShortestToken} to {LongestToken}; make one with: openssl rand -hex 32");
            return false;
        }
        if (token.AsSpan().IndexOfAnyExceptInRange('!', '~') is >= 0 and int bad)
        {
            section.Error(source, $"has a character at position {bad + 1} that is not allowed in a token; allowed is printable ASCII except spaces");
            return false;
        }
        return true;
    }

    private static ListenerTlsOptions? ReadTls(SectionReader section, MonitoringAddress? address)
    {
        if (address?.Path is not null)
        {
            section.Refuse(TlsKey, $"applies to an IP address only, but the pages are served at {address}");
            return null;
        }
        section.Know(TlsKey);
        return section.Has(TlsKey) ? ServerTlsReader.Read(section, "HTTPS needs", $"applies to listeners; the status pages know a client by its {TokenKey}") : null;
    }

    private static List<string> ReadHosts(SectionReader section)
    {
        List<string> hosts = [];
        foreach (ListEntry entry in section.Texts("Hosts") ?? [])
        {
            if (AddressParser.IsHostName(entry.Text)) hosts.Add(entry.Text);
            else section.Error("Hosts", $"{Problem.Quote(entry.Text)} is not a host name; write names without a port, for example \"logs.example.net\"");
        }
        return hosts;
    }

    private static UnixFileMode ReadMode(SectionReader section, MonitoringAddress? address, UnixFileMode fallback)
    {
        if (address is null or { Path: not null }) return section.Value("Mode", FileModeParser.Parse, fallback);
        section.Refuse("Mode", $"applies to unix sockets only, but the pages are served at {address}");
        return fallback;
    }

    private static void CheckAddressIsFree(SectionReader section, MonitoringAddress address, IReadOnlyList<ListenerOptions> listeners)
    {
        ListenerOptions? taken = address.EndPoint is { } endPoint
            ? ListenersReader.FindTcp(listeners, endPoint)
            : listeners.FirstOrDefault(listener => listener.Address.Path == address.Path);
        if (taken is not null)
            section.Error(AddressKey, $"{address} is already used by listener {Problem.Quote(taken.Name)}; choose another {(address.Path is null ? "port" : "path")}");
    }
}
