using System.Globalization;
using System.Net.Sockets;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Intakes;

/// <summary>
/// A Sekoia.io <c>intakes.yaml</c> and its forwarder's environment as a layer of the configuration: a listener, an output and a route
/// for each intake, under the intake's name. Its own output gives each intake its own queue and connection, so that no intake is
/// affected by another's failure, change or removal. The origins are the lines of the file.
/// </summary>
/// <param name="file">The <c>intakes.yaml</c>.</param>
/// <param name="environment">The forwarder's variables, and where certificates are mounted.</param>
/// <param name="origins">Records the origin of every key.</param>
/// <param name="errors">Receives what is wrong; some keys may then be substitutes.</param>
internal sealed class IntakesProvider(
    string file, ConfigurationEnvironment environment, KeyOrigins origins, ConfigurationErrors errors) : LayerProvider(origins)
{
    /// <summary>The output for the messages of all intakes with <c>debug: true</c>.</summary>
    public const string DebugOutput = "debug.stdout";

    /// <summary>The folder that the forwarder's setup mounts for its queues.</summary>
    private const string SpoolDirectory = "/var/spool/rsyslog";

    /// <summary>The forwarder's <c>maxMessageSize</c>, 250k. Datagrams are shorter.</summary>
    private const string MaxMessageSize = "250KB";

    /// <summary>Bytes a message, as the forwarder's documentation calculates the memory of <c>MEMORY_MESSAGES</c>.</summary>
    private const long BytesOfMessage = 1200;

    private const long LeastMemory = 1024 * 1024;

    /// <summary>Every address, IPv4 included; only a kernel without IPv6 has no such socket.</summary>
    private static readonly string Host = Socket.OSSupportsIPv6 ? "[::]" : "0.0.0.0";

    /// <summary>The bytes read, valid or not; empty if the file cannot be read.</summary>
    public byte[] Content { get; private set; } = [];

    protected override bool Read()
    {
        ForwarderEnvironment forwarder = ForwarderEnvironment.Read(environment.Variables, errors);
        const string Remedy = "name a readable YAML file with --intakes FILE, or mount one there (if the file to mount "
            + "does not exist, Docker creates a directory)";
        if (!WholeFile.ReadConfiguration(file, Remedy).TryGet(out byte[]? content, out string? problem))
        {
            errors.AddForFile(file, problem);
            return false;
        }
        Content = content;
        if (IntakesReader.Read(file, content, Origins, errors) is not { Count: > 0 } entries) return false;
        IReadOnlyList<Intake> intakes = new IntakeRules(errors).Judge(entries);
        if (intakes.All(static intake => intake.Protocol is null))
        {
            errors.Add(IntakesReader.Section, "has no intake that listens; add at least one with protocol and port");
            return false;
        }
        Translate(intakes, forwarder);
        return true;
    }

    private void Translate(IReadOnlyList<Intake> intakes, ForwarderEnvironment forwarder)
    {
        Set("Spool:Directory", SpoolDirectory, null, null, Layer.Base);
        Set("Spool:MaxSize", Number(forwarder.DiskSpace), ForwarderEnvironment.Origin(ForwarderEnvironment.DiskVariable), null, Layer.Base);
        long share = forwarder.MemoryMessages / Math.Max(1, intakes.Count);
        List<Intake> listening = [.. intakes.Where(static intake => intake.Protocol is not null)];
        foreach (Intake intake in intakes)
        {
            AddOutput(intake, forwarder, intake.QueueSize ?? share);
        }
        for (int i = 0; i < listening.Count; i++)
        {
            AddListener(listening[i]);
            AddRoute(listening[i], i);
        }
        List<Intake> ofStatistics = [.. intakes.Where(static intake => intake.Protocol is null)];
        for (int i = 0; i < ofStatistics.Count; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{ServerReader.StatisticsSection}:To:{i}");
            Set(ofStatistics[i], IntakeFields.Stats, key, ofStatistics[i].Name);
        }
        if (listening.Find(static intake => intake.Debug) is Intake debugged)
        {
            Set(debugged, IntakeFields.Debug, $"Outputs:{DebugOutput}:Type", "file");
            Set(debugged, IntakeFields.Debug, $"Outputs:{DebugOutput}:Path", "/dev/stdout");
            Set(debugged, IntakeFields.Debug, $"Outputs:{DebugOutput}:Format", "debug");
        }
    }

    private void AddListener(Intake intake)
    {
        string listener = $"{ListenersReader.Section}:{intake.Name}";
        string scheme = intake.Protocol switch
        {
            IntakeProtocol.Udp => "udp",
            IntakeProtocol.Tls => "tls",
            _ => "tcp",
        };
        Set(intake, IntakeFields.Port, $"{listener}:Address", string.Create(CultureInfo.InvariantCulture, $"{scheme}://{Host}:{intake.Port}"));
        if (intake.Protocol != IntakeProtocol.Udp)
        {
            Set(intake, IntakeFields.Protocol, $"{listener}:MaxMessageSize", MaxMessageSize);
        }
        if (intake.Protocol != IntakeProtocol.Tls) return;
        Set(intake, IntakeFields.TlsCertificateName, $"{listener}:Tls:CertificateFile", Certificate(intake.TlsCertificateName, "crt"));
        Set(intake, IntakeFields.TlsKeyName, $"{listener}:Tls:KeyFile", Certificate(intake.TlsKeyName, "key"));
        if (intake.TlsAuthorityName is string authority)
        {
            Set(intake, IntakeFields.TlsAuthorityName, $"{listener}:Tls:ClientCaFile", Certificate(authority, "crt"));
            errors.Warn(intake.Entry.PathOf(IntakeFields.TlsAuthorityName), "clients of this intake must present a certificate issued by that authority, "
                + "which Sekoia.io's forwarder does not check; remove the field if your clients have no certificates");
        }
    }

    /// <summary>Adds the output. Its memory stays within the default; more would be useless, because longer backlogs are on disk.</summary>
    private void AddOutput(Intake intake, ForwarderEnvironment forwarder, long messages)
    {
        string output = $"{OutputsReader.Section}:{intake.Name}";
        Set(intake, IntakeFields.Name, $"{output}:Type", forwarder.OutputType);
        if (forwarder.Protocol == RelayProtocol.Https) Set(intake, IntakeFields.Name, $"{output}:{HttpsOutputReader.UrlKey}", forwarder.Url);
        else Set(intake, IntakeFields.Name, $"{output}:{RelayOutputReader.EndpointKey}", forwarder.Endpoint.ToString());
        Set(intake, IntakeFields.Name, $"{output}:Format", "sekoia");
        Set(intake, IntakeFields.Key, $"{output}:{IntakeKeyReader.KeyKey}", intake.Key);
        long bytes = Math.Clamp(Math.Min(messages, int.MaxValue) * BytesOfMessage, LeastMemory, new SpoolOptions().MaxMemory);
        Set(intake, IntakeFields.QueueSize, $"{output}:MaxMemory", Number(bytes));
    }

    private void AddRoute(Intake intake, int index)
    {
        string route = string.Create(CultureInfo.InvariantCulture, $"{RoutesReader.Section}:{index}");
        Set(intake, IntakeFields.Name, $"{route}:From:0", intake.Name);
        Set(intake, IntakeFields.Name, $"{route}:To:0", intake.Name);
        if (intake.Debug)
        {
            Set(intake, IntakeFields.Debug, $"{route}:To:1", DebugOutput);
        }
    }

    private string Certificate(string name, string ending) => Path.Combine(environment.CertificatesFolder, $"{name}.{ending}");

    private void Set(Intake intake, string field, string key, string value)
    {
        int line = intake.Entry.LineOf(field) ?? intake.Entry.LineOf(IntakeFields.Protocol) ?? intake.Entry.Line;
        Set(key, value, KeyOrigin.Place(file, line), line, Layer.Base);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
