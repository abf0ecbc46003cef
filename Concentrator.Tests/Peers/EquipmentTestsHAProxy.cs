using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>A real HAProxy, its log socket, its rings, and its own analyser.</summary>
[TestFixtureSource(typeof(HAProxy), nameof(HAProxy.Versions))]
internal sealed class EquipmentTestsHAProxy(string version)
{
    [Test]
    public void Ten_thousand_requests_give_ten_thousand_datagrams()
    {
        using SysctlGuard queue = SysctlGuard.Set(SysctlGuard.DatagramQueue, 16384);
        using HAProxy haproxy = new(program: HAProxy.OfVersion(version));
        using DatagramSink sink = DatagramSink.Unix(haproxy.LogSocket);
        // 2.6 cannot enlarge its send buffer, so at full speed even a plain loop may be too slow for it: pause between bursts.
        for (int first = 0; first < 10_000; first += 250)
        {
            haproxy.Request(250, first: first);
            sink.WaitFor(first + 250);
        }
        sink.Sequence.AssertComplete(10_000);
        string line = Encoding.UTF8.GetString(sink.WaitFor(1)[0]);
        Assert.That(line, Does.StartWith("<134>1 ").And.Contain(" haproxy ").And.EndWith("HTTP/1.1\"\n"));
        Assert.That(haproxy.DroppedLogs(), Is.Zero);
    }

    [Test]
    public void A_stalled_socket_shows_in_DroppedLogs()
    {
        using HAProxy haproxy = new(program: HAProxy.OfVersion(version));
        using Socket deaf = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        deaf.Bind(new UnixDomainSocketEndPoint(haproxy.LogSocket));
        haproxy.Request(5000);
        Assert.That(haproxy.DroppedLogs(), Is.GreaterThan(0));
    }

    [TestCase("local", "<134>")]
    [TestCase("rfc3164", "<134>")]
    [TestCase("rfc5424", "<134>1 ")]
    [TestCase("short", "<6>")]
    [TestCase("raw", "/?seq=")]
    public void Header_formats_and_log_formats_can_be_chosen(string format, string start)
    {
        using HAProxy haproxy = new(new HAProxySetup
        {
            Log = [$"/dev/log len 4096 format {format} local0"],
            LogFormat = "%[capture.req.uri]",
        }, HAProxy.OfVersion(version));
        using DatagramSink sink = DatagramSink.Unix(haproxy.LogSocket);
        haproxy.Request(1);
        string line = Encoding.UTF8.GetString(sink.WaitFor(1)[0]);
        Assert.That(line, Does.StartWith(start).And.EndWith("seq=0\n"));
    }

    [Test]
    public void A_ring_sends_octet_counted_over_TLS()
    {
        using TempDirectory directory = new();
        using TlsIntake intake = new(TestCertificates.Server);
        string authority = TestCertificates.Authority.WritePem(directory.Path, "ca.crt");
        using HAProxy haproxy = new(new HAProxySetup
        {
            Log = ["ring@conc format rfc5424 local0"],
            Sections = [HAProxySetup.Ring("conc", intake.Port, octetCount: true, authority)],
        }, HAProxy.OfVersion(version));
        haproxy.WaitForRing(intake.Port);
        haproxy.Request(1000);
        intake.Sequence.AssertComplete(1000);
        Assert.That(intake.FramingErrors, Is.Zero);
    }

    [Test]
    public void A_legacy_ring_sends_lines_over_TCP()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using HAProxy haproxy = new(new HAProxySetup
        {
            Log = ["ring@conc format rfc5424 local0"],
            Sections = [HAProxySetup.Ring("conc", port, octetCount: false)],
        }, HAProxy.OfVersion(version));
        using TcpClient connection = listener.AcceptTcpClient();
        haproxy.WaitForRing(port);
        haproxy.Request(3, connections: 1);
        using StreamReader reader = new(connection.GetStream());
        for (int n = 0; n < 3; n++) Assert.That(reader.ReadLine(), Does.StartWith("<134>1 ").And.Contain($"seq={n} "));
    }

    [Test]
    public void The_sample_configuration_is_valid()
    {
        Check(Repository.ReadSample("haproxy.cfg"));
    }

    [Test]
    public void The_sample_configuration_is_valid_with_its_ring_as_well()
    {
        using TempDirectory directory = new();
        string text = Repository.ReadSample("haproxy.cfg");
        int ring = text.IndexOf("# ring concentrator", StringComparison.Ordinal);
        int end = text.IndexOf("\n\n", ring, StringComparison.Ordinal);
        string authority = TestCertificates.Authority.WritePem(directory.Path, "ca.crt");
        string section = text[ring..end]
            .Replace("# ", "", StringComparison.Ordinal)
            .Replace("/etc/haproxy/concentrator-ca.pem", authority, StringComparison.Ordinal);
        text = string.Concat(text.AsSpan(0, ring), section, text.AsSpan(end));
        Check(text.Replace("log /dev/log len 8192", "log ring@concentrator", StringComparison.Ordinal));
    }

    [Test]
    public void Halog_reads_what_HAProxy_wrote()
    {
        using TempDirectory directory = new();
        using SysctlGuard queue = SysctlGuard.Set(SysctlGuard.DatagramQueue, 512);
        using HAProxy haproxy = new(new HAProxySetup { Log = ["/dev/log format rfc3164 local0"] }, HAProxy.OfVersion(version));
        using DatagramSink sink = DatagramSink.Unix(haproxy.LogSocket);
        haproxy.Request(20);
        IEnumerable<string> lines = sink.WaitFor(20).Select(static line => Encoding.UTF8.GetString(line)["<134>".Length..]);
        Halog halog = Halog.Read(directory.Write("haproxy.log", string.Concat(lines) + "Nov 22 06:13:25 edge haproxy[1]: hello\n"));
        Assert.Multiple(() =>
        {
            Assert.That(halog.Lines, Is.EqualTo(21));
            Assert.That(halog.ParsingErrors, Is.EqualTo(1));
            Assert.That(halog.Statuses, Is.EqualTo(new Dictionary<int, int> { [200] = 20 }));
        });
    }

    private void Check(string configuration)
    {
        using TempDirectory directory = new();
        PeerStart start = new()
        {
            Path = HAProxy.OfVersion(version) ?? Peer.Require("haproxy", "haproxy"),
            Arguments = ["-c", "-f", directory.Write("haproxy.cfg", configuration)],
        };
        (int exitCode, string output, string errors) = PeerProcess.Run(start);
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(errors, Does.Not.Contain("WARNING"));
    }
}
