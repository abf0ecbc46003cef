using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads <c>Outputs</c>.</summary>
internal static class OutputsReader
{
    public const string Section = "Outputs";

    private enum Kind
    {
        File,
        SyslogTls,
        SyslogTcp,
        RelpTls,
        Relp,
        SekoiaHttps,
        Nats,
    }

    private static readonly Choice<Kind?> Kinds = new(
        ("file", Kind.File), ("syslog-tls", Kind.SyslogTls), ("syslog-tcp", Kind.SyslogTcp), ("relp-tls", Kind.RelpTls), ("relp", Kind.Relp),
        ("sekoia-https", Kind.SekoiaHttps), ("nats", Kind.Nats));

    private static readonly string[] FileKeys = ["Path", "Mode", AccountReader.OwnerKey, AccountReader.GroupKey];

    private static readonly string[] RelayKeys =
    [
        "Endpoint", IntakeKeyReader.KeyKey, IntakeKeyReader.FileKey, RelayOutputReader.ControlCharactersKey, RelayOutputReader.StructuredDataKey,
        "Framing", "ReplayTail", "MaxRate", "MaxFrameSize", "MaxMemory", "Tls",
        ProxyReader.Key, ProxyReader.CredentialsKey, ProxyReader.CredentialsFileKey,
    ];

    private static readonly string[] HttpsKeys = HttpsOutputReader.OwnKeys;

    /// <summary>
    /// All valid outputs. <paramref name="names"/> includes the invalid ones, so that routes may name them without a second error.
    /// </summary>
    public static IReadOnlyList<OutputOptions> Read(SectionReader server, out IReadOnlyList<string> names)
    {
        IReadOnlyList<SectionReader> sections = server.RequiredObjects(Section, "add at least one output, "
            + "for example \"Outputs\": { \"haproxy.log\": { \"Type\": \"file\", \"Path\": \"/var/log/haproxy.log\" } }");
        names = [.. sections.Select(section => section.Name)];
        List<OutputOptions> outputs = [];
        foreach (SectionReader section in sections)
        {
            Names.Check(section, Section);
            OutputOptions? output = ReadOne(section);
            section.Finish();
            if (output is FileOutputOptions file
                && outputs.OfType<FileOutputOptions>().FirstOrDefault(other => other.Path == file.Path) is FileOutputOptions twin)
            {
                section.Error("Path", $"{Problem.Quote(file.Path)} is already written by output {Problem.Quote(twin.Name)}; "
                    + "choose another file");
            }
            if (output is not null)
            {
                outputs.Add(output);
            }
        }
        return outputs;
    }

    private static OutputOptions? ReadOne(SectionReader section)
    {
        string? text = section.Required("Type", "write \"file\", \"syslog-tls\", \"syslog-tcp\", \"relp-tls\", \"relp\", \"sekoia-https\" or \"nats\"");
        Kind? kind = text is null ? null : section.Value("Type", Kinds.Parse, null);
        if (kind is null)
        {
            // Which keys apply depends on the type; without it only their spelling can be checked.
            section.Know([.. FileKeys, .. RelayKeys, .. HttpsKeys, .. NatsOutputReader.Keys, "Format", "Timestamp"]);
            return null;
        }
        string[] foreign = kind switch
        {
            Kind.File => [.. RelayKeys, .. HttpsKeys, .. NatsOutputReader.Keys],
            Kind.SekoiaHttps => [.. FileKeys, .. NatsOutputReader.Keys],
            Kind.Nats => [.. FileKeys, .. HttpsKeys, .. NatsOutputReader.KeysOfOtherRelays],
            _ => [.. FileKeys, .. HttpsKeys, .. NatsOutputReader.Keys],
        };
        foreach (string key in foreign) section.Refuse(key, $"does not apply to an output of type {text}");
        return kind switch
        {
            Kind.File => FileOutputReader.Read(section),
            Kind.SekoiaHttps => HttpsOutputReader.Read(section),
            _ => RelayOutputReader.Read(
                section,
                kind is Kind.RelpTls or Kind.Relp ? RelayProtocol.Relp : kind == Kind.Nats ? RelayProtocol.Nats : RelayProtocol.Syslog,
                secure: kind is Kind.SyslogTls or Kind.RelpTls || (kind == Kind.Nats && NatsOutputReader.WantsTls(section))),
        };
    }
}
