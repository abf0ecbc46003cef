using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>How the programs end their connections that operators stop and kill: measured, and nothing may be missing.</summary>
internal sealed class RealPeerTests : FaultTests
{
    [Test]
    public void A_rsyslog_that_is_stopped_and_started_three_times_under_load_has_everything()
    {
        using Rsyslog rsyslog = new(RsyslogDriver.Ossl);
        RunAgainst(rsyslog, () =>
        {
            rsyslog.Stop();
            rsyslog.StartAgain();
        });
    }

    [Test]
    public void A_rsyslog_that_is_sent_SIGHUP_keeps_its_connection()
    {
        using Rsyslog rsyslog = new(RsyslogDriver.Ossl);
        ServerProcess server = RunAgainst(rsyslog, rsyslog.HangUp);
        Assert.That(server.Metrics().Sum("concentrator_relay_reconnects_total"), Is.Zero);
    }

    /// <summary>openssl s_server prints what it has read at once: what it read and did not print fits into one TLS record.</summary>
    [TestCase(Signal.Term)]
    [TestCase(Signal.Kill)]
    public void What_a_killed_openssl_had_not_read_goes_to_the_next_endpoint(Signal signal)
    {
        using OpenSslServer first = new(TestCertificates.Server);
        using OpenSslServer second = new(TestCertificates.Server);
        ServerProcess server = StartRelay(new
        {
            Type = "syslog-tls",
            Endpoint = new[] { $"localhost:{first.Port}", $"localhost:{second.Port}" },
            IntakeKey,
            Tls = new { CaFile = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt") },
        });
        SteadyLoad load = StartLoad();
        Thread.Sleep(TimeSpan.FromSeconds(1));
        first.Kill(signal);
        Thread.Sleep(TimeSpan.FromSeconds(1));
        int sent = load.Stop();
        WaitForDelivered(server, sent);
        SequenceLedger received = new();
        Eventually.Holds(() => (received = AtBoth()).Missing(sent).Count == 0, "all have arrived", Deadline.Reaction, () => received.ToString());
        SequenceLedger atFirst = new();
        Record(first.Received(), atFirst);
        TestContext.Out.WriteLine($"{atFirst.Received} at the first");
        PrintLedger(sent, received);
        PrintEnds(server);

        SequenceLedger AtBoth()
        {
            SequenceLedger whole = new();
            Record(first.Received(), whole);
            Record(second.Received(), whole);
            return whole;
        }
    }

    private ServerProcess RunAgainst(Rsyslog rsyslog, Action fault)
    {
        ServerProcess server = StartRelay(Relay($"localhost:{rsyslog.Port}", Directory));
        SteadyLoad load = StartLoad();
        for (int round = 0; round < 3; round++)
        {
            Thread.Sleep(TimeSpan.FromSeconds(0.7));
            fault();
        }
        Thread.Sleep(TimeSpan.FromSeconds(0.7));
        int sent = load.Stop();
        WaitForDelivered(server, sent);
        SequenceLedger received = rsyslog.WaitForSequence(sent, server.Describe);
        PrintLedger(sent, received);
        PrintEnds(server);
        Assert.That(received.Missing(sent), Is.Empty);
        return server;
    }

    private static void Record(byte[] stream, SequenceLedger into)
    {
        FrameBuffer frames = FrameBuffer.Of(stream);
        while (frames.TryTakeFrame(out ReadOnlySpan<byte> frame)) into.Record(frame);
    }
}
