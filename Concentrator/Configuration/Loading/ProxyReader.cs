using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Reads <c>Proxy</c> and its credentials of a relay. Without the key an encrypted relay takes the proxy of the environment
/// (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>), as other programs do; <c>"off"</c> means no proxy.
/// </summary>
internal static class ProxyReader
{
    public const string Key = "Proxy";

    public const string CredentialsKey = "ProxyCredentials";

    public const string CredentialsFileKey = "ProxyCredentialsFile";

    /// <summary>Bytes of a user name and of a password (RFC 1929).</summary>
    private const int Longest = 255;

    private const string Example = "\"http://proxy.example.net:3128\" or \"socks5://proxy.example.net:1080\"";

    private static readonly string[] Variables = ["https_proxy", "HTTPS_PROXY"];
    private static readonly string[] ExceptionVariables = ["no_proxy", "NO_PROXY"];
    private static readonly SecretReader Credentials = new(CredentialsKey, CredentialsFileKey, "proxy's user:password", "/etc/concentrator/proxy.credentials");

    /// <summary>Null = no proxy.</summary>
    public static RelayProxy? Read(SectionReader section, bool secure)
    {
        section.Know(Key);
        RelayProxy? proxy = section.Has(Key) ? section.Value(Key, Parse, null) : secure ? OfEnvironment(section) : null;
        if (Credentials.ReadText(section) is not (string source, var text)) return proxy;
        if (!section.Has(Key)) section.Error(source, $"needs {Key}; write {Example}");
        return text is not null && ReadCredentials(section, source, text) is { } credentials && proxy is not null ? proxy with { Credentials = credentials } : proxy;
    }

    private static Parsed<RelayProxy?> Parse(string text)
    {
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase)) return (RelayProxy?)null;
        (ProxyProtocol Protocol, string Place)? split = Split(text);
        if (split is null) return new Problem($"is not the address of a proxy; write {Example}, or \"off\"");

        // What precedes an @ may be a password: it is not shown.
        if (split.Value.Place.Contains('@', StringComparison.Ordinal)) return new Problem($"has credentials; write them as user:password into a file, and name it in {CredentialsFileKey}");
        return AddressParser.ParsePeer(split.Value.Place).TryGet(out RelayEndpoint? address, out string? problem)
            ? new RelayProxy(split.Value.Protocol, address)
            : new Problem($"{problem[..problem.IndexOf(", for example", StringComparison.Ordinal)]}, for example {Example}");
    }

    private static RelayProxy? OfEnvironment(SectionReader section)
    {
        IReadOnlyDictionary<string, string> environment = section.Context.Variables;
        if (Variables.FirstOrDefault(name => !string.IsNullOrEmpty(environment.GetValueOrDefault(name))) is not { } variable) return null;
        string text = environment[variable];
        (ProxyProtocol protocol, string rest) = Split(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}") ?? (ProxyProtocol.Http, "");
        int at = rest.LastIndexOf('@');
        ProxyCredentials? credentials = at < 0 ? null : Divide(Uri.UnescapeDataString(rest[..at]));
        section.Context.Errors.Protect(credentials?.Password.Reveal());
        if (!AddressParser.ParsePeer(rest[(at + 1)..]).TryGet(out RelayEndpoint? address, out _))
        {
            section.Context.Errors.Warn($"environment variable {variable}: is not the address of a proxy, so {section.PathOf(Key)} is off; write {Example}");
            return null;
        }
        string exceptions = ExceptionVariables.Select(name => environment.GetValueOrDefault(name)).FirstOrDefault(static value => !string.IsNullOrEmpty(value)) ?? "";
        return new RelayProxy(protocol, address) { Credentials = credentials, Exceptions = exceptions };
    }

    private static (ProxyProtocol Protocol, string Place)? Split(string text)
    {
        foreach ((string scheme, ProxyProtocol protocol) in new[] { ("http://", ProxyProtocol.Http), ("socks5://", ProxyProtocol.Socks5), ("socks5h://", ProxyProtocol.Socks5) })
        {
            if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return (protocol, text[scheme.Length..].TrimEnd('/'));
        }
        return null;
    }

    private static ProxyCredentials? ReadCredentials(SectionReader section, string source, string text)
    {
        if (Divide(text) is not { } credentials || Encoding.UTF8.GetByteCount(credentials.User) is 0 or > Longest
            || Encoding.UTF8.GetByteCount(credentials.Password.Reveal()) is 0 or > Longest)
        {
            section.Error(source, $"is not user:password, each of 1 to {Longest} bytes");
            return null;
        }
        return credentials;
    }

    private static ProxyCredentials? Divide(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is >= 0 and int colon ? new ProxyCredentials(text[..colon], new Secret(text[(colon + 1)..])) : null;
}
