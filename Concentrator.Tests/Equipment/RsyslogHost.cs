namespace Concentrator.Tests.Equipment;

/// <summary>
/// A real rsyslogd as the syslog daemon of a host, parsing as Debian configures it: a unix datagram socket and a UDP port in,
/// one action out. It stands where the server will stand, to compare with, or sends to the server.
/// </summary>
internal sealed class RsyslogHost : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly PeerProcess _process;

    private RsyslogHost(string global, Func<TempDirectory, string> action, string? socket = null, bool resolvesNames = false)
    {
        string program = Peer.Require("rsyslogd", "rsyslog");
        UdpPort = FreePort.Next();
        LogSocket = socket ?? _directory.Socket("log");
        string configuration = _directory.Write(
            "rsyslog.conf",
            $"""
            global(workDirectory="{_directory.Path}" net.enableDNS="{(resolvesNames ? "on" : "off")}" {global})
            module(load="imuxsock" sysSock.use="off")
            module(load="imudp")
            input(type="imuxsock" socket="{LogSocket}")
            input(type="imudp" address="127.0.0.1" port="{UdpPort}")
            {action(_directory)}

            """);
        _process = PeerProcess.Start(new PeerStart
        {
            Path = program,
            Arguments = ["-n", "-f", configuration, "-i", _directory["rsyslog.pid"]],
            WorkingDirectory = _directory.Path,
        });
        _process.WaitUntilReadyOrDispose(() => File.Exists(LogSocket) && File.Exists(_directory["rsyslog.pid"]), LogSocket, this);
    }

    public int Pid => _process.Pid;

    /// <summary>Its unix datagram socket.</summary>
    public string LogSocket { get; }

    /// <summary>On 127.0.0.1.</summary>
    public int UdpPort { get; }

    /// <summary>Of <see cref="WritingFile"/>.</summary>
    public string LogFile => _directory["host.log"];

    /// <summary>Writes everything to <see cref="LogFile"/>.</summary>
    /// <param name="socket">Where to listen; null for a place of its own.</param>
    /// <param name="template">A line of the file in rsyslog's language, without its LF; null for its traditional format.</param>
    /// <param name="resolvesNames">Of senders, as it does by default.</param>
    public static RsyslogHost WritingFile(string? socket = null, string? template = null, bool resolvesNames = false) => new(
        "",
        directory => (template is null ? "" : $"template(name=\"line\" type=\"string\" string=\"{template}\\n\")\n")
            + $"action(type=\"omfile\" file=\"{directory["host.log"]}\" template=\"{(template is null ? "RSYSLOG_TraditionalFileFormat" : "line")}\")",
        socket,
        resolvesNames);

    /// <summary>Forwards everything over TCP, and tries again for ever.</summary>
    /// <param name="port">Of the receiver on 127.0.0.1.</param>
    /// <param name="octetCounted">False for LF, rsyslog's default.</param>
    /// <param name="template">One of rsyslog's own.</param>
    public static RsyslogHost Forwarding(int port, bool octetCounted, string template) =>
        new("", _ => Forward(port, octetCounted, template, ""));

    /// <summary>The same with <c>compression.mode</c>: <c>single</c> or <c>stream:always</c>.</summary>
    public static RsyslogHost Compressing(int port, bool octetCounted, string mode) => new(
        "", _ => Forward(port, octetCounted, "RSYSLOG_SyslogProtocol23Format", $"compression.mode=\"{mode}\" ZipLevel=\"9\""));

    /// <summary>Forwards everything over TLS with GnuTLS, the receiver verified as localhost.</summary>
    public static RsyslogHost ForwardingTls(int port, CertificateAuthority authority, IssuedCertificate? client, string template)
    {
        using TempDirectory files = new();
        string authorityPem = File.ReadAllText(authority.WritePem(files.Path, "authority.crt"));
        return new(
            "defaultNetstreamDriver=\"gtls\"",
            directory =>
            {
                string options = $"streamDriver=\"gtls\" streamDriverMode=\"1\" streamDriverAuthMode=\"x509/name\" "
                    + $"streamDriverPermittedPeers=\"localhost\" streamDriver.caFile=\"{directory.Write("authority.crt", authorityPem)}\"";
                if (client is not null)
                {
                    (string certificate, string key) = client.WritePem(directory.Path, "client");
                    options += $" streamDriver.certFile=\"{certificate}\" streamDriver.keyFile=\"{key}\"";
                }
                return Forward(port, octetCounted: true, template, options);
            });
    }

    public string Describe() => _process.Describe();

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }

    private static string Forward(int port, bool octetCounted, string template, string more) =>
        $"""
        action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp" TCP_Framing="{(octetCounted ? "octet-counted" : "traditional")}"
          template="{template}" action.resumeRetryCount="-1" action.resumeInterval="1" {more})
        """;
}
