using System.Text;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>What rsyslog receives with.</summary>
internal enum RsyslogDriver
{
    /// <summary>Plain TCP.</summary>
    Plain,

    /// <summary>GnuTLS, package rsyslog-gnutls.</summary>
    Gtls,

    /// <summary>OpenSSL, package rsyslog-openssl.</summary>
    Ossl,

    /// <summary>RELP over plain TCP, package rsyslog-relp.</summary>
    Relp,

    /// <summary>RELP over librelp's TLS.</summary>
    RelpTls,
}

/// <summary>
/// A real rsyslogd as the RFC 5425 receiver, or as that of RELP, where what it acknowledges is in its file. It writes each frame with its own octet count before it, as counted by rsyslog
/// itself, so its file is again an octet-counted stream and <see cref="Frames"/> are comparable byte for byte, LF, CR and
/// invalid UTF-8 included. The one thing it cannot keep is NUL: inside a frame it becomes <c>#000</c>, at the end it goes
/// (8.2302, with every sanitizing option off).
/// </summary>
internal sealed class Rsyslog : IDisposable
{
    private static readonly string[] Libraries =
        ["/usr/lib/x86_64-linux-gnu/rsyslog", "/usr/lib/aarch64-linux-gnu/rsyslog", "/usr/lib/rsyslog", "/usr/lib64/rsyslog"];

    private readonly TempDirectory _directory = new();
    private readonly string _program;
    private PeerProcess _process;

    public Rsyslog(RsyslogDriver driver, IssuedCertificate? certificate = null, CertificateAuthority? requireClientFrom = null)
    {
        _program = Peer.Require("rsyslogd", "rsyslog");
        RequireDriver(driver);
        Port = FreePort.Next();
        _directory.Write("rsyslog.conf", Configuration(driver, certificate ?? TestCertificates.Server, requireClientFrom));
        _process = Launch();
        WaitUntilListening();
    }

    public int Port { get; }

    /// <summary>As <see cref="Peer.Require"/>, for the library that rsyslog loads.</summary>
    public static void RequireDriver(RsyslogDriver driver)
    {
        if (driver == RsyslogDriver.Gtls) Require("lmnsd_gtls.so", "rsyslog-gnutls");
        if (driver == RsyslogDriver.Ossl) Require("lmnsd_ossl.so", "rsyslog-openssl");
        if (IsRelp(driver)) Require("imrelp.so", "rsyslog-relp");

        static void Require(string library, string package) =>
            Peer.RequireFile(Libraries.Select(folder => Path.Combine(folder, library)), package);
    }

    /// <summary>What rsyslog itself says, on failure.</summary>
    public string Describe() => _process.Describe();

    /// <summary>The frames received so far. A frame that is just being written waits for the next call.</summary>
    public IReadOnlyList<byte[]> Frames()
    {
        List<byte[]> frames = [];
        FrameBuffer received = FrameBuffer.Of(Received());
        while (received.TryTakeFrame(out ReadOnlySpan<byte> frame)) frames.Add(frame.ToArray());
        Assert.That(received.IsBroken, Is.False, "rsyslog's file is not octet-counted");
        return frames;
    }

    /// <summary>Waits for at least that many frames and returns all there are.</summary>
    public IReadOnlyList<byte[]> WaitForFrames(int count, TimeSpan? within = null)
    {
        IReadOnlyList<byte[]> frames = [];
        long parsed = -1;
        Eventually.Holds(
            () =>
            {
                // Parsing a large file again is worth it only when it has grown.
                long size = Size();
                if (size != parsed) frames = Frames();
                parsed = size;
                return frames.Count >= count;
            },
            $"{count} frames at rsyslog",
            within,
            () => $"{frames.Count} frames\n{Describe()}");
        return frames;
    }

    /// <summary>Waits until so many different numbers have come, and returns the ledger of all that has.</summary>
    /// <param name="detail">What is shown on failure beside the ledger.</param>
    public SequenceLedger WaitForSequence(int distinct, Func<string> detail)
    {
        SequenceLedger ledger = new();
        int known = 0;
        Eventually.Holds(
            () =>
            {
                IReadOnlyList<byte[]> frames = Frames();
                for (; known < frames.Count; known++) ledger.Record(frames[known]);
                return ledger.Distinct == distinct;
            },
            $"{distinct} numbered messages at rsyslog", Deadline.Transfer, () => $"{ledger}\n{detail()}");
        return ledger;
    }

    /// <summary>SIGTERM: rsyslog empties its queue into the file and ends; the port refuses.</summary>
    public void Stop()
    {
        _process.Terminate();
        _process.Dispose();
    }

    /// <summary>SIGHUP: rsyslog opens its files again.</summary>
    public void HangUp() => _process.Send(Signal.Hup);

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Send(Signal.Kill);
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>After <see cref="Stop"/> or <see cref="Kill"/>: the same port, the same file.</summary>
    public void StartAgain()
    {
        _process = Launch();
        WaitUntilListening();
    }

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }

    private PeerProcess Launch() => PeerProcess.Start(new PeerStart
    {
        Path = _program,
        Arguments = ["-n", "-f", _directory["rsyslog.conf"], "-i", _directory["rsyslog.pid"]],
        WorkingDirectory = _directory.Path,
    });

    private void WaitUntilListening() =>
        _process.WaitUntilReadyOrDispose(() => FreePort.IsListening(Port), $"port {Port}", this);

    private string Configuration(RsyslogDriver driver, IssuedCertificate certificate, CertificateAuthority? clients)
    {
        (string certificateFile, string keyFile) = certificate.WritePem(_directory.Path, "rsyslog");
        string authorityFile = (clients ?? TestCertificates.Authority).WritePem(_directory.Path, "ca.crt");
        string name = driver == RsyslogDriver.Gtls ? "gtls" : "ossl";
        StringBuilder text = new();
        text.Append(
            $"""
            global(workDirectory="{_directory.Path}" maxMessageSize="256k" net.enableDNS="off"
              parser.escapeControlCharactersOnReceive="off" parser.escape8BitCharactersOnReceive="off"
              parser.dropTrailingLFOnReception="off" parser.spaceLFOnReceive="off"

            """);
        if (IsRelp(driver))
        {
            // Without a queue before the file, imrelp acknowledges what is written.
            text.Append(")\nmain_queue(queue.type=\"direct\")\nmodule(load=\"imrelp\" tls.tlslib=\"openssl\")\n");
        }
        else if (driver == RsyslogDriver.Plain)
        {
            text.Append(")\nmodule(load=\"imtcp\" maxFrameSize=\"262144\" maxSessions=\"2000\")\n");
        }
        else
        {
            string mode = clients is null ? "anon" : "x509/certvalid";
            text.Append(
                $"""
                  defaultNetstreamDriver="{name}" defaultNetstreamDriverCAFile="{authorityFile}"
                  defaultNetstreamDriverCertFile="{certificateFile}" defaultNetstreamDriverKeyFile="{keyFile}")
                module(load="imtcp" maxFrameSize="262144" maxSessions="2000"
                  streamDriver.name="{name}" streamDriver.mode="1" streamDriver.authMode="{mode}")

                """);
        }
        text.Append(
            $$"""
            template(name="frame" type="list") { property(name="$.length") constant(value=" ") property(name="rawmsg") }
            ruleset(name="intake") {
              set $.length = strlen($rawmsg);
              action(type="omfile" file="{{_directory["received"]}}" template="frame")
            }
            input(type="{{(IsRelp(driver) ? "imrelp" : "imtcp")}}" name="intake" port="{{Port}}" ruleset="intake"

            """);
        if (IsRelp(driver)) text.Append("maxDataSize=\"262144\"");
        if (driver == RsyslogDriver.RelpTls)
        {
            text.Append($" tls=\"on\" tls.caCert=\"{authorityFile}\" tls.myCert=\"{certificateFile}\" tls.myPrivKey=\"{keyFile}\"");
            if (clients is not null) text.Append(" tls.authMode=\"certvalid\"");
        }
        text.Append(")\n");
        return text.ToString();
    }

    private static bool IsRelp(RsyslogDriver driver) => driver is RsyslogDriver.Relp or RsyslogDriver.RelpTls;

    private long Size()
    {
        FileInfo file = new(_directory["received"]);
        return file.Exists ? file.Length : 0;
    }

    private byte[] Received() => File.Exists(_directory["received"]) ? File.ReadAllBytes(_directory["received"]) : [];
}
