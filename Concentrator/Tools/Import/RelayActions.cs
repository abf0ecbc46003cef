using System.Text.RegularExpressions;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.Rendering;

namespace Concentrator.Tools.Import;

/// <summary>Turns actions that forward messages into outputs.</summary>
internal sealed partial class RelayActions(ImportSettings settings, RsyslogTemplates templates, ImportedOutputs outputs, ImportReport report)
{
    private const string NoTarget = "it has no target";
    private const string Compression = "compression: messages are sent uncompressed";
    private const string DefaultPort = "514";

    /// <summary>Translates a legacy line that begins with <c>@</c>.</summary>
    public ActionTarget? Translate(RsyslogStatement action, LegacyTarget target, ImportNotes notes)
    {
        Match match = Peer().Match(target.Name);
        if (!match.Success) return report.LeaveOut(action, "the host and port cannot be parsed");
        string options = match.Groups["options"].Value;
        if (options.Contains('z', StringComparison.Ordinal)) notes.Lost.Add(Compression);
        RelayTransport transport = new()
        {
            Octets = options.Contains('o', StringComparison.Ordinal),
            Tls = settings.Legacy(action, "ActionSendStreamDriverMode") == "1",
            AuthMode = settings.Legacy(action, "ActionSendStreamDriverAuthMode"),
            Peers = settings.Legacy(action, "ActionSendStreamDriverPermittedPeer")?.Split(',', StringSplitOptions.TrimEntries) ?? [],
        };
        string host = match.Groups["host"].Value.Trim('[', ']');
        string port = match.Groups["port"] is { Success: true } given ? given.Value : DefaultPort;
        return match.Groups["at"].Length == 2 ? Relay(action, [host], [port], target.Template, transport, notes) : LeaveOutUdp(action);
    }

    /// <summary>Translates an action of type <c>omfwd</c>.</summary>
    public ActionTarget? OmFwd(RsyslogObject action, RsyslogParameters given, ImportNotes notes)
    {
        given.Ignore("keepAlive*", "resendLastMSGOnReconnect", "rebindInterval", "conErrSkip", "udp.*", "gnutlsPriorityString", "pool.*");
        if ((given["ziplevel"] ?? "0") != "0" || (given["compression.mode"] ?? "none") != "none")
        {
            notes.Lost.Add(Compression);
        }
        RelayTransport transport = new()
        {
            Octets = given["TCP_Framing"]?.Equals("octet-counted", StringComparison.OrdinalIgnoreCase) == true,
            Tls = given["streamDriverMode"] == "1",
            AuthMode = given["streamDriverAuthMode"],
            Peers = [.. given.Values("streamDriverPermittedPeers").SelectMany(static peers => peers.Split(',', StringSplitOptions.TrimEntries))],
            CaFile = given["streamDriver.CAFile"],
            CertificateFile = given["streamDriver.CertFile"],
            KeyFile = given["streamDriver.KeyFile"],
        };
        string? driver = given["streamDriver"] ?? given["streamDriver.name"];
        bool tcp = given["protocol"]?.Equals("tcp", StringComparison.OrdinalIgnoreCase) == true;
        IReadOnlyList<string> targets = given.Values("target");
        IReadOnlyList<string> ports = given.Values("port") is { Count: > 0 } named ? named : [DefaultPort];
        string? template = given["template"];
        if ((given["TCP_FrameDelimiter"] ?? "10") != "10") notes.Lost.Add($"TCP_FrameDelimiter {given["TCP_FrameDelimiter"]}: a message ends with a line feed");
        notes.DropRateLimits(given);
        if (targets.Count > 1) notes.Said.Add("rsyslog sends to several targets in turn; here the first receives everything, and the next only while it is unreachable");
        notes.LoseRest(given);
        return transport.Tls && driver?.Equals("ptcp", StringComparison.OrdinalIgnoreCase) == true ? report.LeaveOut(action, "stream driver ptcp has no TLS mode")
            : targets.Count == 0 ? report.LeaveOut(action, NoTarget)
            : tcp ? Relay(action, targets, ports, template, transport, notes)
            : LeaveOutUdp(action);
    }

    /// <summary>Translates an action of type <c>omrelp</c>.</summary>
    public ActionTarget? OmRelp(RsyslogObject action, RsyslogParameters given, ImportNotes notes)
    {
        given.Ignore("windowSize", "timeout", "conn.timeout", "connectTimeout", "rebindInterval", "keepAlive*", "tls.prioritystring");
        if (given.IsOn("tls.compression")) notes.Lost.Add("tls.compression: messages are sent uncompressed");
        RelayTransport transport = new()
        {
            Protocol = RelayProtocol.Relp,
            Tls = given.IsOn("tls"),
            AuthMode = given["tls.authMode"],
            Peers = [.. given.Values("tls.permittedPeer")],
            CaFile = given["tls.caCert"],
            CertificateFile = given["tls.myCert"],
            KeyFile = given["tls.myPrivKey"],
        };
        IReadOnlyList<string> targets = given.Values("target");
        IReadOnlyList<string> ports = [given["port"] ?? DefaultPort];
        string template = given["template"] ?? "RSYSLOG_ForwardFormat";
        notes.LoseRest(given);
        return targets.Count == 0 ? report.LeaveOut(action, NoTarget) : Relay(action, targets, ports, template, transport, notes);
    }

    private ActionTarget? LeaveOutUdp(RsyslogStatement action) =>
        report.LeaveOut(action, "messages are not relayed over UDP, which can lose them; use an output of type syslog-tcp or syslog-tls");

    /// <param name="ports">One for all hosts, or one for each.</param>
    private ActionTarget? Relay(
        RsyslogStatement action, IReadOnlyList<string> hosts, IReadOnlyList<string> ports, string? template, RelayTransport transport, ImportNotes notes)
    {
        if (ports.Count != 1 && ports.Count != hosts.Count)
        {
            return report.LeaveOut(action, $"it has {hosts.Count} targets but {ports.Count} ports");
        }
        List<RelayEndpoint> endpoints = [];
        foreach ((string host, int index) in hosts.Select(static (host, index) => (host, index)))
        {
            string port = ports[ports.Count == 1 ? 0 : index];
            string text = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
            if (!AddressParser.ParsePeer(text).TryGet(out RelayEndpoint? endpoint, out string? problem)) return report.LeaveOut(action, problem);
            if (!endpoints.Contains(endpoint)) endpoints.Add(endpoint);
        }
        template ??= settings.Module("builtin:omfwd")["template"] ?? settings.Legacy(action, "ActionForwardDefaultTemplate") ?? "RSYSLOG_TraditionalForwardFormat";
        RecognizedTemplate? recognized = templates.Recognize(template);
        if (recognized?.Relay is null)
        {
            notes.Lost.Add($"template {Problem.Quote(template)} {(recognized is null ? "is not defined in these files" : "is like no format of a relay here")}, so messages are sent as rfc5424");
        }
        if (recognized?.Remark is string remark) notes.Said.Add(remark);
        string? key = recognized?.IntakeKey;
        RelayOutputOptions relay = new()
        {
            Name = "",
            Endpoints = new RelayEndpoints(endpoints),
            Format = recognized?.Relay ?? RelayFormat.Rfc5424,
            IntakeKey = key is null ? null : new Secret(key),
            Timestamp = recognized?.Timestamp ?? TimestampSource.Message,
            Protocol = transport.Protocol,
            Framing = transport is { Protocol: RelayProtocol.Syslog, Octets: false } ? RelayFraming.Lf : RelayFraming.OctetCounted,
            Tls = transport.ToOptions(endpoints[0].Host, settings.Globals, notes),
        };
        RelayOutputOptions output = outputs.Relay(relay, action.Origin);
        report.Translated(action, $"output {output.Name} ({relay.Type} to {string.Join(", ", endpoints)}, "
            + $"{relay.Format.Value.ToString()!.ToLowerInvariant()}{(relay.Framing == RelayFraming.Lf ? ", lines" : "")}{(key is null ? "" : ", with the intake key of its template")})", notes);
        return new ActionTarget(output.Name, output.IntakeKey?.Reveal() == key ? null : key);
    }

    [GeneratedRegex(@"^(?<at>@{1,2})(?:\((?<options>[^)]*)\))?(?<host>\[[^\]]+\]|[^:\s]+)(?::(?<port>\d+))?$")]
    private static partial Regex Peer();
}
