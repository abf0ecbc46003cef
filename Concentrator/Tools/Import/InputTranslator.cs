using System.Globalization;
using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tools.Import;

/// <summary>Translates inputs, both objects and legacy lines, into listeners.</summary>
internal sealed class InputTranslator(ImportSettings settings, ImportReport report)
{
    private readonly NameBook _names = new();
    private readonly List<ImportedInput> _inputs = [];
    private readonly HashSet<string> _lost = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<ImportedInput> Inputs => _inputs;

    /// <summary>Whether an input without a counterpart leads to this ruleset; empty for the default one.</summary>
    public bool HasLostInput(string ruleset) => _lost.Contains(ruleset);

    /// <summary>Translates a legacy line that opens an input; false for all other statements.</summary>
    public bool TryLegacy(RsyslogDirective line)
    {
        switch (line.Name.ToLowerInvariant())
        {
            case "addunixlistensocket":
                Unix(line, Transport.UnixDatagram, line.Value, null, null, new ImportNotes());
                return true;
            case "udpserverrun":
                Network(line, Transport.Udp, settings.Legacy(line, "UDPServerAddress"), line.Value, "imudp", settings.Legacy(line, "InputUDPServerBindRuleset"), null, new ImportNotes());
                return true;
            case "inputtcpserverrun":
                bool tls = settings.Legacy(line, "InputTCPServerStreamDriverMode") == "1";
                ImportNotes notes = new();
                ListenerTlsOptions? options = tls ? Tls(new RsyslogParameters(), settings.Legacy(line, "InputTCPServerStreamDriverAuthMode"), false, notes) : null;
                Network(line, tls ? Transport.Tls : Transport.Tcp, null, line.Value, settings.Legacy(line, "InputTCPServerInputName") ?? "imtcp",
                    settings.Legacy(line, "InputTCPServerBindRuleset"), options, notes);
                return true;
            case "inputptcpserverrun":
                Network(line, Transport.Tcp, settings.Legacy(line, "InputPTCPServerListenIP"), line.Value, settings.Legacy(line, "InputPTCPServerInputName") ?? "imptcp",
                    settings.Legacy(line, "InputPTCPServerBindRuleset"), null, new ImportNotes());
                return true;
            default:
                return false;
        }
    }

    public void Translate(RsyslogObject input)
    {
        RsyslogParameters given = input.Parameters;
        string type = given["type"]?.ToLowerInvariant() ?? "";
        string? ruleset = given["ruleset"];
        string? name = given["name"];
        ImportNotes notes = new();
        notes.DropRateLimits(given);
        given.Ignore("name.appendPort", "flowControl", "threads", "timeRequery", "batchSize", "schedulingPolicy", "schedulingPriority",
            "keepAlive*", "notifyOnConnectionClose", "notifyOnConnectionOpen", "processOnPoller", "workerThreads", "socketBacklog");
        switch (type)
        {
            case "imuxsock":
                given.Ignore("createPath", "unlink", "ignoreTimestamp", "ignoreOwnMessages", "usePIDFromSystem", "useSysTimeStamp", "parseTrusted", "useSpecialParser", "parseHostname");
                string? socket = given["socket"];
                if (given.IsOn("annotate")) notes.Lost.Add("annotate: trusted properties are not added");
                if (given["hostName"] is string host) notes.Lost.Add($"hostName {host}: messages without a host name get this host's name");
                notes.LoseRest(given);
                if (socket is null) Lose(input, ruleset, "it has no socket path; the input was omitted");
                else Unix(input, Transport.UnixDatagram, socket, name, ruleset, notes);
                return;
            case "imptcp" when given["path"] is string path:
                given.Ignore("fileOwner", "fileGroup", "fileCreateMode", "unlink");
                notes.LoseRest(given);
                Unix(input, Transport.UnixStream, path, name, ruleset, notes);
                return;
            case "imudp" or "imtcp" or "imptcp":
                Network(input, given, type, name, ruleset, notes);
                return;
            default:
                Lose(input, ruleset, $"type {Problem.Quote(type)} has no counterpart; the input was omitted");
                return;
        }
    }

    private void Network(RsyslogObject input, RsyslogParameters given, string type, string? name, string? ruleset, ImportNotes notes)
    {
        RsyslogParameters module = settings.Module(type);
        ListenerTlsOptions? tls = null;
        Transport transport = type == "imudp" ? Transport.Udp : Transport.Tcp;
        if (type == "imtcp" && (given["streamDriver.mode"] ?? module["streamDriver.mode"]) == "1")
        {
            transport = Transport.Tls;
            bool peers = given.Values("permittedPeer").Concat(module.Values("permittedPeer")).Any();
            tls = Tls(given, given["streamDriver.authMode"] ?? module["streamDriver.authMode"], peers, notes);
        }
        given.Ignore("streamDriver.mode", "streamDriver.authMode", "streamDriver.name", "streamDriver.CAFile", "streamDriver.CertFile", "streamDriver.KeyFile");
        string? delimiter = given["addtlFrameDelimiter"] ?? module["addtlFrameDelimiter"];
        if (delimiter == "0") notes.Said.Add("addtlFrameDelimiter 0: messages that end with NUL are detected by a connection's first message");
        else if (delimiter is not (null or "-1")) notes.Lost.Add($"addtlFrameDelimiter {delimiter}: here a message can end only with a line feed or NUL");
        string? octets = given["supportOctetCountedFraming"];
        Framing framing = octets?.ToLowerInvariant() is "off" or "no" or "0" ? Framing.Lf : Framing.Auto;
        string? buffer = given["rcvBufSize"];
        IReadOnlyList<string> ports = given.Values("port");
        string? address = given["address"];
        notes.LoseRest(given);
        if (ports.Count == 0)
        {
            Lose(input, ruleset, "it has no port; the input was omitted");
            return;
        }
        foreach (string port in ports)
        {
            Network(input, transport, address, port, name ?? type, ruleset, tls, notes, options => options with
            {
                Framing = framing,
                ReceiveBuffer = buffer is not null && ImportedSize.TryRead(buffer, out long size) && size is >= 4096 and <= 1 << 30 ? (int)size : options.ReceiveBuffer,
            });
        }
    }

    private void Network(
        RsyslogStatement statement, Transport transport, string? address, string port, string inputName, string? ruleset, ListenerTlsOptions? tls,
        ImportNotes notes, Func<ListenerOptions, ListenerOptions>? refine = null)
    {
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > IPEndPoint.MaxPort)
        {
            Lose(statement, ruleset, $"{Problem.Quote(port)} is not a port number; the input was omitted");
            return;
        }
        if (address is null or "*")
        {
            address = IPAddress.IPv6Any.ToString();
            notes.Said.Add("all addresses, IPv6 and IPv4");
        }
        if (!AddressParser.TryAddress(address.Trim('[', ']'), out IPAddress ip))
        {
            Lose(statement, ruleset, $"{Problem.Quote(address)} is not an IP address, and host names are not resolved here; the input was omitted");
            return;
        }
        string scheme = transport switch { Transport.Udp => "udp", Transport.Tls => "tls", _ => "tcp" };
        string name = inputName is "imudp" or "imtcp" or "imptcp" ? scheme : inputName;
        ListenerOptions options = new() { Name = _names.Find(name), Address = new ListenAddress(transport, null, new IPEndPoint(ip, number)), Tls = tls };
        Add(statement, refine is null ? options : refine(options), inputName, ruleset, notes);
    }

    private void Unix(RsyslogStatement statement, Transport transport, string path, string? name, string? ruleset, ImportNotes notes)
    {
        string address = $"{(transport == Transport.UnixDatagram ? "unix-dgram" : "unix-stream")}:{path}";
        if (!ListenAddressParser.Parse(address).TryGet(out ListenAddress? parsed, out string? problem) || parsed is null)
        {
            Lose(statement, ruleset, $"{problem}; the input was omitted");
            return;
        }
        string wanted = name ?? (path.Contains("haproxy", StringComparison.OrdinalIgnoreCase) ? "haproxy" : Path.GetFileNameWithoutExtension(path));
        Add(statement, new ListenerOptions { Name = _names.Find(wanted), Address = parsed }, name ?? (transport == Transport.UnixDatagram ? "imuxsock" : "imptcp"), ruleset, notes);
    }

    private void Add(RsyslogStatement statement, ListenerOptions options, string inputName, string? ruleset, ImportNotes notes)
    {
        bool stream = !options.Address.IsDatagram;
        int standard = stream ? ListenerOptions.DefaultStreamSize : ListenerOptions.DefaultDatagramSize;
        if (settings.Globals.TryGetValue("maxMessageSize", out string? text) && ImportedSize.TryRead(text, out long size) && size > standard)
        {
            options = options with { MaxMessageSize = (int)Math.Min(size, stream ? 16 << 20 : 1 << 20) };
        }
        _inputs.Add(new ImportedInput(options, inputName, ruleset, statement.Origin));
        string said = string.Join(", ", notes.Said.Distinct().Prepend($"listener {options.Name} at {options.Address}"));
        report.Translated(statement, said, notes.Lost.Distinct());
    }

    private void Lose(RsyslogStatement statement, string? ruleset, string sentence)
    {
        _lost.Add(ruleset ?? "");
        report.NotSupported(statement, sentence);
    }

    /// <summary>Leaves a certificate that is named nowhere empty; loading the result then asks for it.</summary>
    private ListenerTlsOptions Tls(RsyslogParameters given, string? authMode, bool permittedPeers, ImportNotes notes)
    {
        bool anonymous = authMode is null || authMode.Equals("anon", StringComparison.OrdinalIgnoreCase);
        if (permittedPeers || authMode?.Equals("x509/name", StringComparison.OrdinalIgnoreCase) == true)
        {
            notes.Lost.Add("clients are authenticated by the issuer of their certificate, not by its name");
        }
        else if (!anonymous && !authMode!.Equals("x509/certvalid", StringComparison.OrdinalIgnoreCase))
        {
            notes.Lost.Add($"{authMode}: clients are authenticated by the issuer of their certificate");
        }
        ListenerTlsOptions options = new()
        {
            CertificateFile = given["streamDriver.CertFile"] ?? settings.Globals.GetValueOrDefault("DefaultNetstreamDriverCertFile", ""),
            KeyFile = given["streamDriver.KeyFile"] ?? settings.Globals.GetValueOrDefault("DefaultNetstreamDriverKeyFile", ""),
            ClientCaFile = anonymous ? null : given["streamDriver.CAFile"] ?? settings.Globals.GetValueOrDefault("DefaultNetstreamDriverCAFile"),
        };
        if (options.CertificateFile.Length == 0 || options.KeyFile.Length == 0) notes.Lost.Add("these files name no certificate and key: set Tls:CertificateFile and Tls:KeyFile");
        return options;
    }
}
