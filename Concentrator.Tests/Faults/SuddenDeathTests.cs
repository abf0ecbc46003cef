using System.Net;
using System.Net.Sockets;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// Our death must not silence a sender. HAProxy 3.0.11 does not come back by itself from a FIN that its octet-counted ring meets
/// while it writes, and 3.2 writes two more messages behind one: so the kernel resets what a killed server leaves open.
/// </summary>
internal sealed class SuddenDeathTests : FaultTests
{
    [TestCase("", true, false)]
    [TestCase("", true, true)]
    [TestCase("", false, false)]
    [TestCase("3_0", true, false)]
    [TestCase("3_0", true, true)]
    [TestCase("3_0", false, false)]
    [TestCase("3_2", true, false)]
    [TestCase("3_2", true, true)]
    [TestCase("3_2", false, false)]
    public void A_ring_of_HAProxy_comes_back_by_itself_after_kill_9_and_loses_nothing_that_it_still_held(string version, bool octetCount, bool tls)
    {
        string? program = HAProxy.OfVersion(version);
        ServerSetup setup = new ServerSetup(Directory).File("ring.log");
        setup = tls ? setup.ListenTls("ring", Port) : setup.Listen("ring", $"tcp://127.0.0.1:{Port}");
        string? authority = tls ? TestCertificates.Authority.WritePem(Directory.Path, "ring-ca.crt") : null;
        HAProxySetup ring = new() { Log = ["ring@conc format rfc5424 local0"], Sections = [HAProxySetup.Ring("conc", Port, octetCount, authority)] };

        using ServerProcess first = setup.Start();
        using HAProxy haproxy = new(ring, program);
        haproxy.WaitForRing(Port);
        haproxy.Request(100);
        LineFile.WaitForLines(Directory["ring.log"], 100);
        IReadOnlyList<string> connections = TcpConnections.To(Port, haproxy.Pid);
        Assert.That(connections, Has.Count.EqualTo(1));
        first.Kill();
        // Until it has met the reset, HAProxy takes lines out of the ring for a connection that is gone.
        TcpConnections.WaitUntilClosed(connections, haproxy.Pid);
        haproxy.Request(200, first: 100);
        using ServerProcess second = setup.Start();
        haproxy.Request(200, first: 300);
        Assert.That(Distinct(500), Is.EqualTo(500), haproxy.Describe());

        // And under load: what was in a buffer at that moment is lost, nothing behind it.
        int sent = 500;
        using CancellationTokenSource enough = new();
        Task load = Task.Run(() =>
        {
            for (; !enough.IsCancellationRequested; sent += 10) haproxy.Request(10, first: sent);
        });
        Distinct(600);
        second.Kill();
        using ServerProcess third = setup.Start();
        Distinct(LineFile.Lines(Directory["ring.log"]).Length + 200);
        enough.Cancel();
        load.Wait();
        haproxy.Request(100, first: sent);
        SequenceLedger seen = new();
        Eventually.TryHold(() => (seen = Seen()).Missing(sent + 100).All(n => n < sent), Deadline.Process);
        TestContext.Out.WriteLine($"{sent + 100} sent, {seen}, missing {seen.Missing(sent + 100).Count}");
        Assert.That(seen.Missing(sent + 100).Where(n => n >= sent), Is.Empty, "what follows arrives");
        LedgerAssert.Balances(third.Metrics());
    }

    [Test]
    public void A_killed_server_s_connections_are_reset()
    {
        ServerProcess server = Start(new { Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}" } }, Outputs = new { file = LogFile(Directory) } });
        using Socket client = Connect();
        client.Send([.. Lines.Message("read"), (byte)'\n']);
        WaitForLines(Directory["out.log"], 1);
        server.Kill();
        SocketAssert.IsReset(client);
    }

    [Test]
    public void An_orderly_end_is_answered_with_one()
    {
        Start(new { Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}" } }, Outputs = new { file = LogFile(Directory) } });
        using Socket client = Connect();
        client.Send([.. Lines.Message("read"), (byte)'\n']);
        client.Shutdown(SocketShutdown.Send);
        SocketAssert.IsFinished(client);
        WaitForLines(Directory["out.log"], 1);
    }

    private Socket Connect()
    {
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Loopback, Port);
        return client;
    }

    private int Distinct(int wanted)
    {
        int distinct = 0;
        Eventually.TryHold(() => (distinct = Seen().Distinct) >= wanted, Deadline.Process);
        return distinct;
    }

    private SequenceLedger Seen() => SequenceLedger.Of(LineFile.Lines(Directory["ring.log"]));
}
