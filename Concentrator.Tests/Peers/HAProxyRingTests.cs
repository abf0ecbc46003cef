using System.Globalization;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>HAProxy's rings: log lines over a stream that HAProxy keeps open and fills from a buffer of its own.</summary>
[TestFixtureSource(typeof(HAProxy), nameof(HAProxy.Versions))]
internal sealed class HAProxyRingTests(string version)
{
    [TestCase(false, "lf", false)]
    [TestCase(false, "auto", false)]
    [TestCase(true, "octet-counted", false)]
    [TestCase(true, "auto", true)]
    public void A_ring_delivers_every_line(bool octetCount, string framing, bool tls)
    {
        const int Count = 3000;
        using TempDirectory directory = new();
        using TlsIntake intake = new(TestCertificates.Server);
        int port = FreePort.Next();
        ServerSetup setup = new ServerSetup(directory).File("ring.log").Relay(intake.Port);
        setup = tls ? setup.ListenTls("ring", port) : setup.Listen("ring", $"tcp://127.0.0.1:{port}", $"\"Framing\": \"{framing}\"");
        using ServerProcess server = setup.Start();
        string? authority = tls ? TestCertificates.Authority.WritePem(directory.Path, "ring-ca.crt") : null;
        using HAProxy haproxy = new(WithRing(port, octetCount, authority), HAProxy.OfVersion(version));

        haproxy.WaitForRing(port);
        haproxy.Request(Count);

        intake.Sequence.AssertComplete(Count);
        Assert.That(LineFile.WaitForLines(directory["ring.log"], Count), Has.Length.EqualTo(Count));
        RelayedFrame frame = RelayedFrame.Read(intake.Frames()[^1].Bytes);
        Assert.Multiple(() =>
        {
            Assert.That(frame.Pri, Is.EqualTo(134));
            Assert.That(frame.App, Is.EqualTo("haproxy"));
            Assert.That(frame.Pid, Is.EqualTo(haproxy.Pid.ToString(CultureInfo.InvariantCulture)));
            Assert.That(frame.Text, Does.EndWith(" HTTP/1.1\""));
        });
        LedgerAssert.Balances(server.Metrics());
    }

    [Test]
    public void A_ring_survives_the_stop_of_the_server_and_delivers_what_it_held_back()
    {
        using TempDirectory directory = new();
        int port = FreePort.Next();
        ServerSetup setup = new ServerSetup(directory)
            .Listen("ring", $"tcp://127.0.0.1:{port}", "\"Framing\": \"octet-counted\"")
            .File("ring.log");
        using ServerProcess first = setup.Start();
        using HAProxy haproxy = new(WithRing(port, octetCount: true), HAProxy.OfVersion(version));
        haproxy.WaitForRing(port);
        haproxy.Request(500);
        LineFile.WaitForLines(directory["ring.log"], 500);
        LedgerAssert.Balances(first.Metrics());
        Assert.That(first.Stop(), Is.Zero, first.Describe());

        haproxy.Request(500, first: 500);
        using ServerProcess second = setup.Start();
        haproxy.Request(500, first: 1000);

        SequenceLedger.Of(LineFile.WaitForLines(directory["ring.log"], 1500)).AssertComplete(1500);
        Assert.That(haproxy.Stats("show events"), Does.Contain("conc       : type=buffer, 0 dropped"));
        LedgerAssert.Balances(second.Metrics());
    }

    [Test]
    public void A_ring_of_raw_lines_which_begin_with_the_clients_address_is_read_by_line()
    {
        const int Count = 300;
        using TempDirectory directory = new();
        int port = FreePort.Next();
        using ServerProcess server = new ServerSetup(directory).Listen("ring", $"tcp://127.0.0.1:{port}").File("ring.log").Start();
        using HAProxy haproxy = new(new HAProxySetup
        {
            Log = ["ring@conc local0"],
            Sections = [HAProxySetup.Ring("conc", port, octetCount: false, format: "raw")],
        }, HAProxy.OfVersion(version));
        haproxy.WaitForRing(port);
        haproxy.Request(Count);
        SequenceLedger.Of(LineFile.WaitForLines(directory["ring.log"], Count)).AssertComplete(Count);
        Assert.That(server.Metrics().Sum("concentrator_listener_framing_violations_total"), Is.Zero);
        LedgerAssert.Balances(server.Metrics());
    }

    private static HAProxySetup WithRing(int port, bool octetCount, string? authority = null) => new()
    {
        Log = ["ring@conc format rfc5424 local0"],
        Sections = [HAProxySetup.Ring("conc", port, octetCount, authority)],
    };
}
