using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.Rendering;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads an output of type <c>syslog-tls</c>, <c>syslog-tcp</c>, <c>relp-tls</c> <c>relp</c> or <c>nats</c>.</summary>
internal static class RelayOutputReader
{
    public const string ControlCharactersKey = "ControlCharacters", StructuredDataKey = "StructuredData";

    public const string EndpointKey = "Endpoint", ReplayTailKey = "ReplayTail", FramingKey = "Framing", FormatKey = "Format", TimestampKey = "Timestamp";

    private static readonly TimeSpan MostReplay = TimeSpan.FromMinutes(5);

    /// <summary>Bytes a second. Below the least, a block of 64 KB takes over a minute; above the most, no limit is noticed.</summary>
    private const long LeastRate = 1024, MostRate = 1L << 40;

    /// <summary>Bytes: what every receiver must take (RFC 5425 4.3.1; any header fits) and what a stream's largest message needs.</summary>
    private const int LeastFrame = 2048, MostFrame = 32 * 1024 * 1024;

    public static RelayOutputOptions? Read(SectionReader section, RelayProtocol protocol, bool secure)
    {
        RelayOutputOptions defaults = new() { Name = section.Name, Endpoints = new RelayEndpoints([]) };
        TimestampSource timestamp = section.Value(TimestampKey, Choices.Timestamp.Parse, defaults.Timestamp);
        bool isNats = protocol == RelayProtocol.Nats;
        IReadOnlyList<RelayEndpoint> endpoints = isNats ? NatsServersReader.Read(section) : ReadEndpoints(section);
        bool isRelp = protocol == RelayProtocol.Relp;
        string type = RelayOutputOptions.TypeOf(protocol, secure);
        if (!secure && !isNats)
        {
            section.Refuse(
                "Tls",
                $"does not apply to an output of type {type}, which is not encrypted",
                $"remove it, or write \"Type\": \"{RelayOutputOptions.TypeOf(protocol, secure: true)}\"");
        }
        if (isRelp)
        {
            section.Refuse(FramingKey, $"does not apply to an output of type {type}, which uses RELP's own framing");
            section.Refuse(
                ReplayTailKey,
                $"does not apply to an output of type {type}, whose receiver acknowledges each message: "
                    + "an acknowledged message is never sent again");
        }
        RelayFormat? format = section.Value(FormatKey, Choices.RelayFormat.Parse, null);
        if (format == RelayFormat.Raw) section.Refuse(ControlCharactersKey, "does not apply to the format raw, which sends the bytes as received");
        if (format is RelayFormat.Raw or RelayFormat.Rfc5424)
            section.Refuse(StructuredDataKey, "applies to the format sekoia only: the other formats send structured data unchanged");
        RelayOutputOptions output = defaults with
        {
            Timestamp = timestamp,
            Endpoints = new RelayEndpoints(endpoints),
            Format = format,
            ControlCharacters = section.Value(ControlCharactersKey, Choices.ControlCharacters.Parse, null),
            StructuredData = section.Value(StructuredDataKey, Choices.StructuredData.Parse, defaults.StructuredData),
            IntakeKey = IntakeKeyReader.Read(section),
            Protocol = protocol,
            Framing = isRelp || isNats ? defaults.Framing : section.Value(FramingKey, Choices.RelayFraming.Parse, defaults.Framing),
            ReplayTail = isRelp || isNats
                ? TimeSpan.Zero
                : section.Value(ReplayTailKey, text => Duration.Parse(text, TimeSpan.Zero, MostReplay), defaults.ReplayTail),
            Nats = isNats ? NatsOutputReader.Read(section) : null,
        };
        output = ReadLimitsAndWay(section, output, secure);
        if (output.Format is RelayFormat.Rfc5424 or RelayFormat.Raw && output.IntakeKey is not null)
        {
            section.Warn(FormatKey, $"is {(output.Format == RelayFormat.Raw ? "raw" : "rfc5424")}, so this output's intake key "
                + "is never sent; write \"sekoia\", or remove the key");
        }
        if (output is { Framing: RelayFraming.Lf, Format: RelayFormat.Sekoia } or { Framing: RelayFraming.Lf, Format: null, IntakeKey: not null })
        {
            section.Warn(FramingKey, "is lf, but Sekoia.io expects octet-counted frames; remove it");
        }
        return endpoints.Count == 0 || (isNats && output.Nats is null) ? null : output;
    }

    /// <summary>Reads what all relays have: limits, TLS and proxy.</summary>
    public static RelayOutputOptions ReadLimitsAndWay(SectionReader section, RelayOutputOptions output, bool secure) => output with
    {
        MaxRate = section.Value("MaxRate", ParseRate, null),
        MaxFrameSize = section.Value("MaxFrameSize", ParseFrame, null),
        MaxMemory = section.Value("MaxMemory", ParseMemory, null),
        Tls = secure ? ReadTls(section) : null,
        Proxy = ProxyReader.Read(section, secure),
    };

    private static List<RelayEndpoint> ReadEndpoints(SectionReader section)
    {
        const string Remedy = "write \"host:port\" or a list to try in order, for example \"intake.sekoia.io:10514\"";
        List<RelayEndpoint> endpoints = [];
        IReadOnlyList<ListEntry>? entries = section.Texts(EndpointKey);
        if (entries is null || entries.Count == 0)
        {
            section.Missing(EndpointKey, $"is missing or empty; {Remedy}");
            return endpoints;
        }
        foreach (ListEntry entry in entries)
        {
            if (!AddressParser.ParsePeer(entry.Text).TryGet(out RelayEndpoint? endpoint, out string? problem))
            {
                section.Context.Errors.Add(entry.Path, problem);
            }
            else if (endpoints.Contains(endpoint))
            {
                section.Context.Errors.Add(entry.Path, $"lists {endpoint} twice; remove one");
            }
            else
            {
                endpoints.Add(endpoint);
            }
        }
        return endpoints;
    }

    public static RelayTlsOptions ReadTls(SectionReader output)
    {
        SectionReader section = output.ObjectOrEmpty("Tls");
        string? certificate = section.Text(CertificateReader.CertificateKey);
        string? key = section.Text(CertificateReader.PrivateKeyKey);
        RelayTlsOptions defaults = new();
        RelayTlsOptions tls = defaults with
        {
            CaFile = CertificateReader.Authorities(section, "CaFile"),
            ServerName = section.Value<string?>("ServerName", ParseServerName, null),
            CertificateFile = certificate is null ? null : section.Context.FullPath(certificate),
            KeyFile = key is null ? null : section.Context.FullPath(key),
            Insecure = section.Value("Insecure", Choices.Switch.Parse, defaults.Insecure),
        };
        section.Finish();
        if (tls is { CertificateFile: not null, KeyFile: not null })
        {
            CertificateReader.CheckPair(section, tls.CertificateFile, tls.KeyFile);
        }
        else if (tls.CertificateFile is not null)
        {
            section.Missing(CertificateReader.PrivateKeyKey, $"is required with {CertificateReader.CertificateKey}; "
                + "name the PEM file of the client certificate's private key");
        }
        else if (tls.KeyFile is not null)
        {
            section.Missing(CertificateReader.CertificateKey, $"is required with {CertificateReader.PrivateKeyKey}; "
                + "name the PEM file of the client certificate");
        }
        if (tls.Insecure)
        {
            section.Warn("Insecure", "is true: the peer's certificate is not verified, and anyone on the network path can read and forge "
                + "what is sent");
        }
        return tls;
    }

    private static Parsed<long?> ParseRate(string text) =>
        ByteSize.Parse(text, LeastRate, MostRate).TryGet(out long rate, out string? problem) ? rate : new Problem(problem);

    private static Parsed<int?> ParseFrame(string text) =>
        ByteSize.Parse(text, LeastFrame, MostFrame).TryGet(out long size, out string? problem) ? (int)size : new Problem(problem);

    private static Parsed<long?> ParseMemory(string text) =>
        ServerReader.ParseMemory(text).TryGet(out long size, out string? problem) ? size : new Problem(problem);

    private static Parsed<string?> ParseServerName(string text) =>
        AddressParser.IsHostName(text) || AddressParser.TryAddress(text, out _)
            ? text
            : new Problem($"{Problem.Quote(text)} is not a host name; write the name in the peer's certificate, without port, for "
                + "example \"intake.sekoia.io\"");
}
