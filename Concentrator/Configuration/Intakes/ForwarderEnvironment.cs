using System.Globalization;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Intakes;

/// <summary>
/// The environment variables of Sekoia.io's forwarder. Letter case of their values is ignored, and an empty one counts as unset,
/// as in its <c>docker-compose.yml</c>.
/// </summary>
internal sealed record ForwarderEnvironment
{
    public const string RegionVariable = "REGION";
    public const string EndpointVariable = "ENDPOINT";
    public const string MemoryVariable = "MEMORY_MESSAGES";
    public const string DiskVariable = "DISK_SPACE";
    public const string RelpVariable = "RELP_OUTPUT";

    /// <summary>Ours: the forwarder has no such output.</summary>
    public const string HttpsVariable = "HTTPS_OUTPUT";

    private const int SyslogPort = 10514;
    private const int RelpPort = 11514;
    private const int HttpsPort = 443;

    /// <summary>The forwarder (2.7.4) prefixes this to every RELP host that begins with <see cref="IntakeHost"/>.</summary>
    private const string RelpPrefix = "relp.";

    private const string IntakeHost = "intake";

    /// <summary>The defaults of the forwarder (2.7.4): <c>100000</c> messages, <c>32g</c> bytes.</summary>
    private const long DefaultMemoryMessages = 100_000, DefaultDiskSpace = 32L << 30;

    private const string ElsewhereRegion = "OTHER";

    private static readonly Choice<bool> Switch = new(
        ("true", true), ("false", false), ("yes", true), ("no", false), ("on", true), ("off", false), ("1", true), ("0", false));

    /// <summary>The protocol of every intake's output.</summary>
    public required RelayProtocol Protocol { get; init; }

    /// <summary>The type of every intake's output.</summary>
    public string OutputType => RelayOutputOptions.TypeOf(Protocol, secure: true);

    /// <summary>Where every intake's output connects.</summary>
    public required RelayEndpoint Endpoint { get; init; }

    /// <summary>The URL of the HTTPS intake there.</summary>
    public string Url => $"https://{Endpoint}{SekoiaRegions.HttpsPathAt(Endpoint.Host)}";

    /// <summary>Messages held in memory, all intakes together.</summary>
    public long MemoryMessages { get; private init; }

    /// <summary>Bytes on disk, all intakes together.</summary>
    public long DiskSpace { get; private init; }

    /// <summary>Reports every value that cannot be used, with its variable.</summary>
    public static ForwarderEnvironment Read(IReadOnlyDictionary<string, string> variables, ConfigurationErrors errors)
    {
        bool relp = Value(variables, errors, RelpVariable, Switch.Parse, false);
        bool https = Value(variables, errors, HttpsVariable, Switch.Parse, false);
        if (relp && https) errors.AddForFile(Origin(HttpsVariable), $"is set together with {RelpVariable}; keep only one of them");
        RelayProtocol protocol = https ? RelayProtocol.Https : relp ? RelayProtocol.Relp : RelayProtocol.Syslog;
        if (!relp && Text(variables, RelpVariable) is string no && Switch.Parse(no).TryGet(out _, out _))
        {
            errors.Warn($"{Origin(RelpVariable)}: {no} disables RELP, so syslog over TLS is sent; Sekoia.io's forwarder treats any value as true; "
                + "remove the variable if you do not want RELP");
        }
        return new ForwarderEnvironment
        {
            Protocol = protocol,
            Endpoint = ReadEndpoint(variables, errors, protocol),
            MemoryMessages = Value(variables, errors, MemoryVariable, ParseCount, DefaultMemoryMessages),
            DiskSpace = Value(variables, errors, DiskVariable, ParseSize, DefaultDiskSpace),
        };
    }

    /// <summary>The origin that errors name for a variable.</summary>
    public static string Origin(string variable) => $"environment variable {variable}";

    private static RelayEndpoint ReadEndpoint(
        IReadOnlyDictionary<string, string> variables, ConfigurationErrors errors, RelayProtocol protocol)
    {
        RelayEndpoint fallback = OfRegion(SekoiaRegions.All[0].Host, protocol);
        string? region = Text(variables, RegionVariable);
        string? endpoint = Text(variables, EndpointVariable);
        if (!ElsewhereRegion.Equals(region, StringComparison.OrdinalIgnoreCase))
        {
            if (endpoint is not null)
            {
                errors.Warn($"{Origin(EndpointVariable)}: has no effect without {RegionVariable}={ElsewhereRegion}; "
                    + $"{RegionVariable} is {region ?? "not set"}");
            }
            return Value(variables, errors, RegionVariable, text => ParseRegion(text, protocol), fallback);
        }
        if (endpoint is null)
        {
            errors.AddForFile(Origin(RegionVariable), $"is {ElsewhereRegion}, but {EndpointVariable} is not set; "
                + $"write {EndpointVariable}=HOST or {EndpointVariable}=HOST:PORT");
            return fallback;
        }
        return Value(variables, errors, EndpointVariable, text => ParseEndpoint(text, protocol), fallback);
    }

    private static RelayEndpoint OfRegion(string host, RelayProtocol protocol) => new(HostFor(host, protocol), PortOf(protocol));

    private static int PortOf(RelayProtocol protocol) => protocol switch
    {
        RelayProtocol.Https => HttpsPort,
        RelayProtocol.Relp => RelpPort,
        _ => SyslogPort,
    };

    private static string HostFor(string host, RelayProtocol protocol) => protocol == RelayProtocol.Relp && host.StartsWith(IntakeHost, StringComparison.Ordinal) ? RelpPrefix + host : host;

    private static Parsed<RelayEndpoint> ParseRegion(string text, RelayProtocol protocol)
    {
        if (SekoiaRegions.HostOf(text) is { } host) return OfRegion(host, protocol);
        IEnumerable<string> known = SekoiaRegions.All.Select(static known => known.Code).Append(ElsewhereRegion);
        return new Problem($"{Problem.Quote(text)} is not a region{NearestName.Hint(text, known)} (known regions: {string.Join(", ", known)}, "
            + $"the last one requires {EndpointVariable}=HOST)");
    }

    /// <summary>Parses a host with or without a port.</summary>
    private static Parsed<RelayEndpoint> ParseEndpoint(string text, RelayProtocol protocol)
    {
        string peer = HasPort(text) ? text : string.Create(CultureInfo.InvariantCulture, $"{text}:{PortOf(protocol)}");
        return AddressParser.ParsePeer(peer).TryGet(out RelayEndpoint? endpoint, out string? problem)
            ? endpoint with { Host = HostFor(endpoint.Host, protocol) }
            : new Problem(problem);
    }

    private static bool HasPort(string text) => !text.EndsWith(']') && text.Contains(':', StringComparison.Ordinal);

    private static Parsed<long> ParseCount(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count > 0
            ? count
            : new Problem($"{Problem.Quote(text)} is not a number of messages; write for example 2000000");

    /// <summary>
    /// Parses a size as rsyslog does: a number with <c>k</c>, <c>m</c>, <c>g</c> or <c>t</c> (powers of 1024) or with the capital letter
    /// (powers of 1000). The form of our own configuration is accepted too.
    /// </summary>
    private static Parsed<long> ParseSize(string text)
    {
        const string Letters = "kmgt";
        int power = text.Length < 2 ? 0 : Letters.IndexOf(text[^1], StringComparison.OrdinalIgnoreCase) + 1;
        if (power == 0)
        {
            return ByteSize.Parse(text).TryGet(out long bytes, out _) ? bytes : WrongSize(text);
        }
        decimal factor = 1;
        for (int i = 0; i < power; i++)
        {
            factor *= char.IsAsciiLetterLower(text[^1]) ? 1024 : 1000;
        }
        return int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number * factor <= long.MaxValue
            ? (long)(number * factor)
            : WrongSize(text);
    }

    private static Problem WrongSize(string text) =>
        new($"{Problem.Quote(text)} is not a size; write a whole number with k, m, g or t, for example 180g");

    private static T Value<T>(
        IReadOnlyDictionary<string, string> variables, ConfigurationErrors errors, string name, Func<string, Parsed<T>> parse, T fallback) =>
        Text(variables, name) is string text ? parse(text).Or(fallback, problem => errors.AddForFile(Origin(name), problem)) : fallback;

    private static string? Text(IReadOnlyDictionary<string, string> variables, string name) =>
        variables.GetValueOrDefault(name)?.Trim() is { Length: > 0 } text ? text : null;
}
