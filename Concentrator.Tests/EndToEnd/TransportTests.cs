using System.Security.Authentication;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>One message over each transport, to a file and to an intake, byte for byte.</summary>
internal sealed class TransportTests : ServerTests
{
    private readonly TempDirectory _directory = new();
    private readonly TlsIntake _intake = NewIntake();
    private readonly int _udp = FreePort.Next();
    private readonly int _udp6 = FreePort.Next();
    private readonly int _tcp = FreePort.Next();
    private readonly int _counted = FreePort.Next();
    private readonly int _lines = FreePort.Next();
    private readonly int _nul = FreePort.Next();
    private readonly int _tls = FreePort.Next();
    private readonly int _mutual = FreePort.Next();
    private ServerProcess _server = null!;

    [OneTimeSetUp]
    public void StartServer()
    {
        (string certificate, string key) = TestCertificates.Server.WritePem(_directory.Path, "server");
        string authority = TestCertificates.Authority.WritePem(_directory.Path, "ca.crt");
        _server = Start(
            new
            {
                Listeners = new Dictionary<string, object>
                {
                    ["dgram"] = new { Address = $"unix-dgram:{_directory.Socket("dgram")}" },
                    ["stream"] = new { Address = $"unix-stream:{_directory.Socket("stream")}" },
                    ["udp"] = new { Address = $"udp://127.0.0.1:{_udp}" },
                    ["udp6"] = new { Address = $"udp://[::1]:{_udp6}" },
                    ["tcp"] = new { Address = $"tcp://127.0.0.1:{_tcp}" },
                    ["counted"] = new { Address = $"tcp://127.0.0.1:{_counted}", Framing = "octet-counted" },
                    ["lines"] = new { Address = $"tcp://127.0.0.1:{_lines}", Framing = "lf" },
                    ["nul"] = new { Address = $"tcp://127.0.0.1:{_nul}", Framing = "nul" },
                    ["tls"] = new { Address = $"tls://127.0.0.1:{_tls}", Tls = new { CertificateFile = certificate, KeyFile = key } },
                    ["mutual"] = new
                    {
                        Address = $"tls://127.0.0.1:{_mutual}",
                        Tls = new { CertificateFile = certificate, KeyFile = key, ClientCaFile = authority },
                    },
                },
                Outputs = new { file = LogFile(_directory), sekoia = Relay(_intake, _directory) },
            },
            _directory);
    }

    [OneTimeTearDown]
    public void EndPeers()
    {
        _server.Dispose();
        _intake.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Unix_datagrams_arrive() => Arrives("dgram", text =>
    {
        using DatagramSender sender = DatagramSender.Unix(_directory["dgram"]);
        sender.Send(text);
    });

    [TestCase(Framing.OctetCounted)]
    [TestCase(Framing.Lf)]
    public void Unix_streams_arrive(object framing) => Arrives("stream", text =>
    {
        using StreamSender sender = StreamSender.Unix(_directory["stream"], (Framing)framing);
        sender.Send(text);
    });

    [TestCase(false)]
    [TestCase(true)]
    public void Udp_datagrams_arrive(bool ipv6) => Arrives(ipv6 ? "udp6" : "udp", text =>
    {
        using DatagramSender sender = DatagramSender.Udp(ipv6 ? _udp6 : _udp, ipv6);
        sender.Send(text);
    });

    [TestCase("tcp", Framing.OctetCounted)]
    [TestCase("tcp", Framing.Lf)]
    [TestCase("counted", Framing.OctetCounted)]
    [TestCase("lines", Framing.Lf)]
    [TestCase("nul", Framing.Nul)]
    public void Tcp_streams_arrive(string listener, object framing) => Arrives(listener, text =>
    {
        int port = listener switch { "tcp" => _tcp, "counted" => _counted, "lines" => _lines, _ => _nul };
        using StreamSender sender = StreamSender.Tcp(port, (Framing)framing);
        sender.Send(text);
    });

    [TestCase(Framing.OctetCounted)]
    [TestCase(Framing.Lf)]
    public void Tls_streams_arrive(object framing) => Arrives("tls", text =>
    {
        using StreamSender sender = StreamSender.Tls(_tls, (Framing)framing, TestCertificates.Authority);
        sender.Send(text);
    });

    [Test]
    public void Mutual_tls_takes_a_client_that_the_authority_vouches_for() => Arrives("mutual", text =>
    {
        using StreamSender sender = StreamSender.Tls(
            _mutual, Framing.OctetCounted, TestCertificates.Authority, client: TestCertificates.Client);
        sender.Send(text);
    });

    [TestCase(false)]
    [TestCase(true)]
    public void Mutual_tls_refuses_a_client_without_certificate_or_with_that_of_a_stranger(bool stranger)
    {
        double before = Received("mutual");
        try
        {
            using StreamSender sender = StreamSender.Tls(
                _mutual, Framing.OctetCounted, TestCertificates.Authority, client: stranger ? TestCertificates.UnknownClient : null);
            sender.Send(Lines.Message("must not arrive"));
            Assert.That(sender.WaitForClose(), "the server ends the connection");
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            // TLS 1.3: whether the client learns it from its hand-shake, its first write or its first read is a matter of luck.
        }
        _server.WaitForLine("listener mutual: TLS handshake with 127.0.0.1:");
        Assert.That(Received("mutual"), Is.EqualTo(before));
    }

    [Test]
    public void A_message_without_host_gets_this_hosts_name_where_it_came_from_this_host()
    {
        using DatagramSender local = DatagramSender.Unix(_directory["dgram"]);
        local.Send("<134>Nov 22 06:13:25 haproxy[32177]: no host, local"u8);
        using DatagramSender udp = DatagramSender.Udp(_udp);
        udp.Send("<134>Nov 22 06:13:25 haproxy[32177]: no host, udp"u8);
        using StreamSender tcp = StreamSender.Tcp(_tcp, Framing.Lf);
        tcp.Send("<134>Nov 22 06:13:25 haproxy[32177]: no host, tcp"u8);
        foreach ((string text, string host) in new[] { ("local", Lines.ThisHost), ("udp", Lines.ThisHost), ("tcp", Lines.ThisHost) })
            AwaitFrame(Lines.Frame($"no host, {text}", IntakeKey, host));
    }

    private void Arrives(string listener, Action<byte[]> send)
    {
        string text = $"via {listener}, \u00e9\u4e16, test {TestContext.CurrentContext.Test.ID}";
        double before = Received(listener);
        send(Lines.Message(text));
        AwaitFrame(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Lines.Frame(text, IntakeKey))));
        string line = "";
        Eventually.Holds(
            () => (line = File.ReadLines(_directory["out.log"]).FirstOrDefault(l => l.EndsWith(text, StringComparison.Ordinal)) ?? "").Length > 0,
            "the line in the file");
        Lines.AssertTraditional(line, text);
        Eventually.Holds(() => Received(listener) > before, "it is counted", detail: _server.Describe);
        Assert.That(Received(listener), Is.EqualTo(before + 1));
    }

    private void AwaitFrame(string expected) => Eventually.Holds(
        () => _intake.Frames().Any(frame => Lines.WithoutTime(frame) == expected), $"the frame {expected}", null,
        () => string.Join('\n', _intake.Frames().Select(Lines.WithoutTime)) + "\n" + _server.Describe());

    private double Received(string listener) => _server.Metrics().Sum("concentrator_received_messages_total", ("listener", listener));
}
