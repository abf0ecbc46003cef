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

    private const int SyslogPort = 10514;
    private const int RelpPort = 11514;

    /// <summary>The forwarder (2.7.4) prefixes this to every RELP host that begins with <see cref="IntakeHost"/>.</summary>
    private const string RelpPrefix = "relp.";

    private const string IntakeHost = "intake";

    /// <summary>The defaults of the forwarder (2.7.4): <c>100000</c> messages, <c>32g</c> bytes.</summary>
    private const long DefaultMemoryMessages = 100_000, DefaultDiskSpace = 32L << 30;

    private const string ElsewhereRegion = "OTHER";

    /// <summary>The regions and their hosts. The first is the forwarder's default.</summary>
    private static readonly (string Region, string Host)[] Regions =
    [
        ("FRA1", "intake.sekoia.io"),
        ("FRA2", "intake.fra2.sekoia.io"),
        ("MCO1", "intake.mco1.sekoia.io"),
        ("UAE1", "intake.uae1.sekoia.io"),
        ("USA1", "intake.usa1.sekoia.io"),
        ("SGP1", "intake.sgp1.sekoia.io"),
    ];

    private static readonly Choice<bool> Switch = new(
        ("true", true), ("false", false), ("yes", true), ("no", false), ("on", true), ("off", false), ("1", true), ("0", false));

    /// <summary>The type of every intake's output.</summary>
    public required string OutputType { get; init; }

    /// <summary>Where every intake's output connects.</summary>
    public required RelayEndpoint Endpoint { get; init; }

    /// <summary>Messages held in memory, all intakes together.</summary>
    public long MemoryMessages { get; private init; }

    /// <summary>Bytes on disk, all intakes together.</summary>
    public long DiskSpace { get; private init; }

    /// <summary>Reports every value that cannot be used, with its variable.</summary>
    public static ForwarderEnvironment Read(IReadOnlyDictionary<string, string> variables, ConfigurationErrors errors)
    {
        bool relp = Value(variables, errors, RelpVariable, Switch.Parse, false);
        if (!relp && Text(variables, RelpVariable) is string no && Switch.Parse(no).TryGet(out _, out _))
        {
            errors.Warn($"{Origin(RelpVariable)}: {no} disables RELP, so syslog over TLS is sent; Sekoia.io's forwarder treats any value as true; "
                + "remove the variable if you do not want RELP");
        }
        return new ForwarderEnvironment
        {
            OutputType = RelayOutputOptions.TypeOf(relp ? RelayProtocol.Relp : RelayProtocol.Syslog, secure: true),
            Endpoint = ReadEndpoint(variables, errors, relp),
            MemoryMessages = Value(variables, errors, MemoryVariable, ParseCount, DefaultMemoryMessages),
            DiskSpace = Value(variables, errors, DiskVariable, ParseSize, DefaultDiskSpace),
        };
    }

    /// <summary>The origin that errors name for a variable.</summary>
    public static string Origin(string variable) => $"environment variable {variable}";

    private static RelayEndpoint ReadEndpoint(
        IReadOnlyDictionary<string, string> variables, ConfigurationErrors errors, bool relp)
    {
        RelayEndpoint fallback = OfRegion(Regions[0].Host, relp);
        string? region = Text(variables, RegionVariable);
        string? endpoint = Text(variables, EndpointVariable);
        if (!ElsewhereRegion.Equals(region, StringComparison.OrdinalIgnoreCase))
        {
            if (endpoint is not null)
            {
                errors.Warn($"{Origin(EndpointVariable)}: has no effect without {RegionVariable}={ElsewhereRegion}; "
                    + $"{RegionVariable} is {region ?? "not set"}");
            }
            return Value(variables, errors, RegionVariable, text => ParseRegion(text, relp), fallback);
        }
        if (endpoint is null)
        {
            errors.AddForFile(Origin(RegionVariable), $"is {ElsewhereRegion}, but {EndpointVariable} is not set; "
                + $"write {EndpointVariable}=HOST or {EndpointVariable}=HOST:PORT");
            return fallback;
        }
        return Value(variables, errors, EndpointVariable, text => ParseEndpoint(text, relp), fallback);
    }

    private static RelayEndpoint OfRegion(string host, bool relp) => new(HostFor(host, relp), relp ? RelpPort : SyslogPort);

    private static string HostFor(string host, bool relp) => relp && host.StartsWith(IntakeHost, StringComparison.Ordinal) ? RelpPrefix + host : host;

    private static Parsed<RelayEndpoint> ParseRegion(string text, bool relp)
    {
        foreach ((string region, string host) in Regions)
        {
            if (region.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return OfRegion(host, relp);
            }
        }
        IEnumerable<string> known = Regions.Select(static known => known.Region).Append(ElsewhereRegion);
        return new Problem($"{Problem.Quote(text)} is not a region{NearestName.Hint(text, known)} (known regions: {string.Join(", ", known)}, "
            + $"the last one requires {EndpointVariable}=HOST)");
    }

    /// <summary>Parses a host with or without a port.</summary>
    private static Parsed<RelayEndpoint> ParseEndpoint(string text, bool relp)
    {
        string peer = HasPort(text) ? text : string.Create(CultureInfo.InvariantCulture, $"{text}:{(relp ? RelpPort : SyslogPort)}");
        return AddressParser.ParsePeer(peer).TryGet(out RelayEndpoint? endpoint, out string? problem)
            ? endpoint with { Host = HostFor(endpoint.Host, relp) }
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
        IReadOnlyDictionary<string, string> variables, ConfigurationErrors errors, string name, Func<string, Parsed<T>> parse, T fallback)
    {
        if (Text(variables, name) is not string text)
        {
            return fallback;
        }
        if (parse(text).TryGet(out T? value, out string? problem))
        {
            return value;
        }
        errors.AddForFile(Origin(name), problem);
        return fallback;
    }

    private static string? Text(IReadOnlyDictionary<string, string> variables, string name) =>
        variables.GetValueOrDefault(name)?.Trim() is { Length: > 0 } text ? text : null;
}
