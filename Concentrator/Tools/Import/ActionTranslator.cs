using System.Text.RegularExpressions;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.Rendering;

namespace Concentrator.Tools.Import;

/// <summary>An output, and the intake key in the action's template.</summary>
internal sealed record ActionTarget(string Output, string? IntakeKey);

/// <summary>Turns actions into outputs, each only once no matter how many routes lead to it.</summary>
internal sealed partial class ActionTranslator(ImportSettings settings, RsyslogTemplates templates, ImportedOutputs outputs, ImportReport report)
{
    private const string QueueReason = "queue and retry settings are not needed, for the spool keeps what cannot be delivered, on disk, for as long as it takes";

    private const string AfterFailure = "only where the action before it fails is no condition here; name several hosts in Endpoint instead; the action was left out";
    private const string Terminals = "no message is shown on terminals; the action was left out";
    private const string NoTarget = "it names no target; the action was left out";
    private const string Compression = "compression: messages are sent as they are";

    private readonly Dictionary<RsyslogStatement, ActionTarget?> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Translates an action; null after reporting if it has no counterpart.</summary>
    public ActionTarget? Translate(RsyslogStatement action)
    {
        if (_known.TryGetValue(action, out ActionTarget? known)) return known;
        ActionTarget? target = action is RsyslogObject scripted ? OfObject(scripted) : OfLegacy(action);
        _known.Add(action, target);
        return target;
    }

    private ActionTarget? OfObject(RsyslogObject action)
    {
        RsyslogParameters given = action.Parameters;
        given.Ignore("name", "queue.*", "action.resume*", "action.reportSuspension*", "action.writeAllMarkMessages", "action.errorfile*");
        ActionSettings asked = new();
        if (given.HasAny("queue.", "action.resume")) asked.Said.Add(QueueReason);
        if (given["queue.discardSeverity"] is not null) asked.Lost.Add("queue.discardSeverity: no severity is dropped before others");
        if (given.IsOn("action.execOnlyWhenPreviousIsSuspended")) return Refuse(action, AfterFailure);
        string type = given["type"] ?? "";
        return type.ToLowerInvariant() switch
        {
            "omfile" => OmFile(action, given, asked),
            "omfwd" => OmFwd(action, given, asked),
            "omrelp" => OmRelp(action, given, asked),
            "omusrmsg" => Refuse(action, Terminals),
            _ => Refuse(action, $"there is no output like {Problem.Quote(type)}; the action was left out"),
        };
    }

    private ActionTarget? OfLegacy(RsyslogStatement action)
    {
        string text = action.Text;
        if (settings.Legacy(action, "ActionExecOnlyWhenPreviousIsSuspended") == "on")
        {
            return Refuse(action, AfterFailure);
        }
        ActionSettings asked = new();
        if (text.StartsWith('/') || text.StartsWith("-/", StringComparison.Ordinal)) return LegacyFile(action, text.TrimStart('-'), asked);
        if (text.StartsWith('@')) return LegacyForward(action, text, asked);
        return Refuse(action, text.StartsWith(":omusrmsg:", StringComparison.Ordinal) || text.StartsWith('*')
            ? Terminals
            : text.StartsWith('?') ? "file names that a template makes have no counterpart; the action was left out"
            : text.StartsWith('|') ? "there is no output to a pipe; the action was left out"
            : "there is no output like it; the action was left out");
    }

    private ActionTarget? LegacyFile(RsyslogStatement action, string text, ActionSettings asked)
    {
        (string path, string? template) = SplitTemplate(text);
        asked.Owner = settings.Legacy(action, "FileOwner");
        asked.Group = settings.Legacy(action, "FileGroup");
        asked.Mode = settings.Legacy(action, "FileCreateMode");
        return File(action, path, template, asked);
    }

    private ActionTarget? OmFile(RsyslogObject action, RsyslogParameters given, ActionSettings asked)
    {
        RsyslogParameters module = settings.Module("builtin:omfile");
        given.Ignore("dirCreateMode", "dirOwner*", "dirGroup*", "createDirs", "sync", "asyncWriting", "flush*", "ioBufferSize", "closeTimeout", "dynaFileCacheSize");
        if (given.TryGet("dynaFile", out string? dynamic)) return Refuse(action, $"file names that a template makes ({Problem.Quote(dynamic)}) have no counterpart; the action was left out");
        asked.Owner = given["fileOwner"] ?? given["fileOwnerNum"] ?? module["fileOwner"] ?? settings.Legacy(action, "FileOwner");
        asked.Group = given["fileGroup"] ?? given["fileGroupNum"] ?? module["fileGroup"] ?? settings.Legacy(action, "FileGroup");
        asked.Mode = given["fileCreateMode"] ?? module["fileCreateMode"] ?? settings.Legacy(action, "FileCreateMode");
        string? file = given["file"];
        string? template = given["template"];
        asked.LoseRest(given);
        return file is null ? Refuse(action, "it names no file; the action was left out") : File(action, file, template, asked);
    }

    private ActionTarget? File(RsyslogStatement action, string path, string? template, ActionSettings asked)
    {
        if (!path.StartsWith('/') || path.EndsWith('/') || path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return Refuse(action, "only files with absolute paths can be written, no devices; the action was left out");
        }
        if (path.Contains('\0', StringComparison.Ordinal)) return Refuse(action, "the path contains a NUL character; the action was left out");
        template ??= settings.Module("builtin:omfile")["template"] ?? settings.Legacy(action, "ActionFileDefaultTemplate");
        FileOutputOptions file = new() { Name = "", Path = Path.GetFullPath(path), Format = FileFormat.Rfc3339, Timestamp = TimestampSource.Message };
        RecognizedTemplate? recognized = templates.Recognize(template ?? "RSYSLOG_FileFormat");
        if (recognized?.File is { } format)
        {
            file = file with { Format = format, Timestamp = recognized.Timestamp };
            if (recognized.Remark is string remark) asked.Said.Add(remark);
            if (recognized.Loss is string loss) asked.Lost.Add(loss);
            if (template is null) asked.Said.Add("format rfc3339, rsyslog's default where no ActionFileDefaultTemplate is set");
        }
        else
        {
            asked.Lost.Add($"template {Problem.Quote(template!)} {(recognized is null ? "is not defined in these files" : "is like no format of a file here")}, so lines are written as rfc3339");
        }
        if (asked.Mode is not null)
        {
            if (FileModeParser.Parse(asked.Mode).TryGet(out UnixFileMode mode, out string? problem)) file = file with { Mode = mode & ~Umask() };
            else asked.Lost.Add(problem);
        }
        // rsyslog's own user is root, so an owner root means its own; here that is the user that the service runs as.
        file = file with { Owner = asked.Owner is "root" or "0" ? null : asked.Owner, Group = asked.Group };
        FileOutputOptions output = outputs.File(file, action.Origin);
        if (file with { Name = output.Name } != output) asked.Lost.Add($"the file is written as an earlier action has it, format {output.Format.ToString()!.ToLowerInvariant()}: it is one output");
        Report(action, $"output {output.Name} ({output.Path}, {output.Format.ToString()!.ToLowerInvariant()})", asked);
        return new ActionTarget(output.Name, null);
    }

    private ActionTarget? LegacyForward(RsyslogStatement action, string text, ActionSettings asked)
    {
        (string peer, string? template) = SplitTemplate(text);
        Match match = Peer().Match(peer);
        if (!match.Success) return Refuse(action, "the host and port are not understood; the action was left out");
        string options = match.Groups["options"].Value;
        if (options.Contains('z', StringComparison.Ordinal)) asked.Lost.Add(Compression);
        asked.Octets = options.Contains('o', StringComparison.Ordinal);
        asked.Tls = settings.Legacy(action, "ActionSendStreamDriverMode") == "1";
        asked.AuthMode = settings.Legacy(action, "ActionSendStreamDriverAuthMode");
        asked.Peers = settings.Legacy(action, "ActionSendStreamDriverPermittedPeer")?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        string host = match.Groups["host"].Value;
        return Forward(action, [host.Trim('[', ']')], [match.Groups["port"] is { Success: true } port ? port.Value : "514"], match.Groups["at"].Length == 2, template, asked);
    }

    private ActionTarget? OmFwd(RsyslogObject action, RsyslogParameters given, ActionSettings asked)
    {
        given.Ignore("keepAlive*", "resendLastMSGOnReconnect", "rebindInterval", "conErrSkip", "udp.*", "gnutlsPriorityString", "pool.*");
        if ((given["ziplevel"] ?? "0") != "0" || (given["compression.mode"] ?? "none") != "none")
        {
            asked.Lost.Add(Compression);
        }
        asked.Octets = given["TCP_Framing"]?.Equals("octet-counted", StringComparison.OrdinalIgnoreCase) == true;
        asked.Tls = given["streamDriverMode"] == "1";
        string? driver = given["streamDriver"] ?? given["streamDriver.name"];
        asked.AuthMode = given["streamDriverAuthMode"];
        asked.Peers = [.. given.Values("streamDriverPermittedPeers").SelectMany(static peers => peers.Split(',', StringSplitOptions.TrimEntries))];
        asked.CaFile = given["streamDriver.CAFile"];
        asked.CertificateFile = given["streamDriver.CertFile"];
        asked.KeyFile = given["streamDriver.KeyFile"];
        bool tcp = given["protocol"]?.Equals("tcp", StringComparison.OrdinalIgnoreCase) == true;
        IReadOnlyList<string> targets = given.Values("target");
        IReadOnlyList<string> ports = given.Values("port") is { Count: > 0 } named ? named : ["514"];
        string? template = given["template"];
        if ((given["TCP_FrameDelimiter"] ?? "10") != "10") asked.Lost.Add($"TCP_FrameDelimiter {given["TCP_FrameDelimiter"]}: a message ends with a line feed");
        asked.DropRateLimits(given);
        if (targets.Count > 1) asked.Said.Add("rsyslog sends to several targets in turn; here the first takes everything, and the next one only while it cannot be reached");
        asked.LoseRest(given);
        if (asked.Tls && driver?.Equals("ptcp", StringComparison.OrdinalIgnoreCase) == true) return Refuse(action, "stream driver ptcp has no TLS mode; the action was left out");
        return targets.Count == 0 ? Refuse(action, NoTarget) : Forward(action, targets, ports, tcp, template, asked);
    }

    private ActionTarget? OmRelp(RsyslogObject action, RsyslogParameters given, ActionSettings asked)
    {
        given.Ignore("windowSize", "timeout", "conn.timeout", "connectTimeout", "rebindInterval", "keepAlive*", "tls.prioritystring");
        if (given.IsOn("tls.compression")) asked.Lost.Add("tls.compression: messages are sent as they are");
        asked.Protocol = RelayProtocol.Relp;
        asked.Tls = given.IsOn("tls");
        asked.AuthMode = given["tls.authMode"];
        asked.Peers = [.. given.Values("tls.permittedPeer")];
        asked.CaFile = given["tls.caCert"];
        asked.CertificateFile = given["tls.myCert"];
        asked.KeyFile = given["tls.myPrivKey"];
        IReadOnlyList<string> targets = given.Values("target");
        IReadOnlyList<string> ports = [given["port"] ?? "514"];
        string template = given["template"] ?? "RSYSLOG_ForwardFormat";
        asked.LoseRest(given);
        return targets.Count == 0 ? Refuse(action, NoTarget) : Forward(action, targets, ports, tcp: true, template, asked);
    }

    /// <param name="ports">One for all hosts, or one for each.</param>
    private ActionTarget? Forward(RsyslogStatement action, IReadOnlyList<string> hosts, IReadOnlyList<string> ports, bool tcp, string? template, ActionSettings asked)
    {
        if (!tcp) return Refuse(action, "messages are not relayed over UDP, which loses them; write an output of type syslog-tcp or syslog-tls; the action was left out");
        if (ports.Count != 1 && ports.Count != hosts.Count)
        {
            return Refuse(action, $"it names {hosts.Count} targets and {ports.Count} ports, and nothing says which belong together; the action was left out");
        }
        List<RelayEndpoint> endpoints = [];
        foreach ((string host, int index) in hosts.Select(static (host, index) => (host, index)))
        {
            string port = ports[ports.Count == 1 ? 0 : index];
            string text = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
            if (!AddressParser.ParsePeer(text).TryGet(out RelayEndpoint? endpoint, out string? problem)) return Refuse(action, $"{problem}; the action was left out");
            if (!endpoints.Contains(endpoint)) endpoints.Add(endpoint);
        }
        template ??= settings.Module("builtin:omfwd")["template"] ?? settings.Legacy(action, "ActionForwardDefaultTemplate") ?? "RSYSLOG_TraditionalForwardFormat";
        RecognizedTemplate? recognized = templates.Recognize(template);
        if (recognized?.Relay is null)
        {
            asked.Lost.Add($"template {Problem.Quote(template)} {(recognized is null ? "is not defined in these files" : "is like no format of a relay here")}, so messages are sent as rfc5424");
        }
        if (recognized?.Remark is string remark) asked.Said.Add(remark);
        string? key = recognized?.IntakeKey;
        RelayOutputOptions relay = new()
        {
            Name = "",
            Endpoints = new RelayEndpoints(endpoints),
            Format = recognized?.Relay ?? RelayFormat.Rfc5424,
            IntakeKey = key is null ? null : new Secret(key),
            Timestamp = recognized?.Timestamp ?? TimestampSource.Message,
            Protocol = asked.Protocol,
            Framing = asked.Protocol == RelayProtocol.Syslog && !asked.Octets ? RelayFraming.Lf : RelayFraming.OctetCounted,
            Tls = asked.Tls ? Tls(endpoints, asked) : null,
        };
        RelayOutputOptions output = outputs.Relay(relay, action.Origin);
        Report(action, $"output {output.Name} ({relay.Type} to {string.Join(", ", endpoints)}, "
            + $"{relay.Format.Value.ToString()!.ToLowerInvariant()}{(relay.Framing == RelayFraming.Lf ? ", lines" : "")}{(key is null ? "" : ", with the intake key of its template")})", asked);
        return new ActionTarget(output.Name, output.IntakeKey?.Reveal() == key ? null : key);
    }

    private RelayTlsOptions Tls(List<RelayEndpoint> endpoints, ActionSettings asked)
    {
        string? mode = asked.AuthMode?.ToLowerInvariant();
        string? name = asked.Peers.Length == 1 && !asked.Peers[0].Contains('*', StringComparison.Ordinal)
            && !asked.Peers[0].Equals(endpoints[0].Host, StringComparison.OrdinalIgnoreCase) ? asked.Peers[0] : null;
        switch (mode)
        {
            case null or "x509/name" or "name":
                if (asked.Peers.Length > 1) asked.Lost.Add("of several permitted peers none is taken over: the certificate must be for the host named here");
                break;
            case "anon":
                asked.Lost.Add("anon: the peer's certificate is verified here; where it cannot be, name its authority in Tls:CaFile");
                break;
            case "x509/certvalid" or "certvalid":
                asked.Lost.Add($"{mode}: the name in the peer's certificate is verified too; where it is another, write it in Tls:ServerName");
                break;
            default:
                asked.Lost.Add($"{mode}: the peer's certificate is verified by authority and name instead");
                break;
        }
        return new RelayTlsOptions
        {
            CaFile = asked.CaFile ?? settings.Globals.GetValueOrDefault("DefaultNetstreamDriverCAFile"),
            ServerName = mode is null or "x509/name" or "name" ? name : null,
            CertificateFile = asked.CertificateFile ?? settings.Globals.GetValueOrDefault("DefaultNetstreamDriverCertFile"),
            KeyFile = asked.KeyFile ?? settings.Globals.GetValueOrDefault("DefaultNetstreamDriverKeyFile"),
        };
    }

    private void Report(RsyslogStatement action, string sentence, ActionSettings asked) =>
        report.Translated(action, string.Join("; ", asked.Said.Prepend(sentence)), asked.Lost);

    private ActionTarget? Refuse(RsyslogStatement action, string sentence)
    {
        report.NotSupported(action, sentence);
        return null;
    }

    private UnixFileMode Umask() =>
        settings.Globals.TryGetValue("umask", out string? text) && FileModeParser.Parse(text).TryGet(out UnixFileMode umask, out _) ? umask : UnixFileMode.None;

    private static (string Target, string? Template) SplitTemplate(string text)
    {
        int semicolon = text.IndexOf(';', StringComparison.Ordinal);
        return semicolon < 0 ? (text.Trim(), null) : (text[..semicolon].Trim(), text[(semicolon + 1)..].Trim() is { Length: > 0 } template ? template : null);
    }

    [GeneratedRegex(@"^(?<at>@{1,2})(?:\((?<options>[^)]*)\))?(?<host>\[[^\]]+\]|[^:\s]+)(?::(?<port>\d+))?$")]
    private static partial Regex Peer();

    /// <summary>The settings of an action that both syntaxes have in common, and notes on their translation.</summary>
    private sealed class ActionSettings : ImportNotes
    {
        public string? Owner { get; set; }

        public string? Group { get; set; }

        public string? Mode { get; set; }

        public bool Octets { get; set; }

        public RelayProtocol Protocol { get; set; }

        public bool Tls { get; set; }

        public string? AuthMode { get; set; }

        public string[] Peers { get; set; } = [];

        public string? CaFile { get; set; }

        public string? CertificateFile { get; set; }

        public string? KeyFile { get; set; }
    }
}
