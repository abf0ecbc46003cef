using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>A peer ends its connections, again and again, while messages flow: what is lost (nothing) and what comes twice.</summary>
[Parallelizable]
internal sealed class PeerCloseTests : FaultTests
{
    [Test]
    public void Twenty_resets_over_unread_data_lose_nothing()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        RunRounds(20, intake, () =>
        {
            LeaveUnread(intake);
            intake.ResetAll();
            intake.Resume();
        });
    }

    /// <summary>The FIN that comes first proves nothing: the reset behind it says what was thrown away.</summary>
    [TestCase(20, true)]
    [TestCase(5, false)]
    public void Closes_over_unread_data_behind_a_FIN_lose_nothing(int rounds, bool overTls)
    {
        using TlsIntake intake = new(overTls ? TestCertificates.Server : null, keepFrames: false);
        RunRounds(rounds, intake, () =>
        {
            LeaveUnread(intake);
            intake.CloseAll(IntakeClose.OverUnreadData);
            intake.Resume();
        });
    }

    [Test]
    public void Closes_by_a_peer_that_reads_to_the_end_lose_nothing_and_repeat_nothing()
    {
        using TlsIntake intake = new(certificate: null, keepFrames: false);
        RunRounds(5, intake, () => intake.CloseAll(IntakeClose.OwnDirection));
        Assert.That(intake.Sequence.Duplicates, Is.Zero);
    }

    /// <summary>Over TLS it may as well have thrown that away, and nothing would say so.</summary>
    [TestCase(20, IntakeClose.OwnDirection)]
    [TestCase(5, IntakeClose.CloseNotify)]
    public void Closes_by_a_TLS_peer_that_reads_to_the_end_lose_nothing_and_repeat_what_was_on_its_way(int rounds, IntakeClose how)
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        RunRounds(rounds, intake, () => intake.CloseAll(how));
        Assert.That(intake.Sequence.Duplicates, Is.LessThan(rounds * Rate), "less than a second's worth for each");
    }

    /// <summary>What is on its way is acknowledged only when the program reads on, some time after its FIN.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void Closes_by_a_peer_that_takes_its_time_to_read_to_the_end_lose_nothing(bool overTls)
    {
        using TlsIntake intake = new(overTls ? TestCertificates.Server : null, keepFrames: false, receiveBuffer: 16 * 1024);
        RunRounds(5, intake, () =>
        {
            intake.Stall();
            Thread.Sleep(100);
            intake.CloseAll();
            Thread.Sleep(500);
            intake.Resume();
        });
        Assert.That(intake.Sequence.Duplicates, overTls ? Is.LessThan(5 * Rate) : Is.Zero);
    }

    [Test]
    public void Closes_between_messages_lose_nothing_and_repeat_nothing()
    {
        const int rounds = 5;
        const int batch = Rate / 10;
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = StartRelay(Relay(intake, Directory));
        using StreamSender sender = StreamSender.Tcp(Port, Framing.OctetCounted);
        for (int round = 0; round < rounds; round++)
        {
            int sent = (round + 1) * batch;
            sender.Send(NumberedMessage.HttpLog, sent - batch, batch);
            intake.Sequence.AssertComplete(sent);
            WaitForDelivered(server, sent);
            int connections = intake.Connections;

            // Longer than anything is on its way.
            Thread.Sleep(300);
            intake.CloseAll();
            Eventually.Holds(() => intake.Connections > connections, "the relay comes back", detail: server.Describe);
        }
        PrintLedger(rounds * batch, intake.Sequence);
        intake.Sequence.AssertComplete(rounds * batch);
    }

    /// <summary>
    /// What is on its way when the program closes is answered with a reset. Nobody can tell that from a program that shut its
    /// socket down over unread data, so what the kernel had acknowledged within the replay tail comes twice.
    /// </summary>
    [TestCase(20, true)]
    [TestCase(5, false)]
    public void Closes_by_a_peer_that_does_not_wait_for_what_is_on_its_way_lose_nothing(int rounds, bool overTls)
    {
        using TlsIntake intake = new(overTls ? TestCertificates.Server : null, keepFrames: false);
        RunRounds(rounds, intake, () => intake.CloseAll(IntakeClose.WhenAllIsRead));
    }

    /// <summary>
    /// Everything is acknowledged, no reset comes, or only at our answer: what was on its way is sent again all the same. Ten closes, none of
    /// them over what was there before.
    /// </summary>
    [TestCase("unwrap")]
    [TestCase("both-ways-later")]
    [TestCase("drain")]
    public void Closes_by_a_TLS_peer_that_throws_away_what_comes_after_its_close_notify_lose_nothing(string how)
    {
        using DiscardingPeer peer = new(TestCertificates.Server, how, closes: 10);
        ServerProcess server = StartRelay(new
        {
            Type = "syslog-tls",
            Endpoint = $"localhost:{peer.Port}",
            IntakeKey,
            ReplayTail = "00:00:01",
            Tls = new { CaFile = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt") },
        });
        SteadyLoad load = StartLoad(perSecond: 5_000);
        Eventually.Holds(
            () => server.Metrics().Sum("concentrator_relay_reconnects_total") >= 10, "ten closes", Deadline.Transfer, () => server.Describe() + peer.Describe());
        int sent = load.Stop();
        WaitForDelivered(server, sent);
        SequenceLedger received = new();
        Eventually.TryHold(() => (received = peer.Sequence()).Missing(sent).Count == 0, Deadline.Reaction);
        PrintLedger(sent, received);
        PrintEnds(server);
        Assert.That(received.Missing(sent), Is.Empty);
    }

    private void RunRounds(int rounds, TlsIntake intake, Action fault)
    {
        ServerProcess server = StartRelay(intake.Certificate is null
            ? new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{intake.Port}", IntakeKey }
            : Relay(intake, Directory));
        int latest = 0;
        intake.OnFrame = (connection, _) => Volatile.Write(ref latest, connection);
        SteadyLoad load = StartLoad();
        Eventually.Holds(() => Volatile.Read(ref latest) > 0, "the first message arrives");
        for (int round = 0; round < rounds; round++)
        {
            // Time for the kernel's buffers to be in use again, and for no two rounds to be alike.
            Thread.Sleep(100 + (round * 7));
            int connections = intake.Connections;
            fault();
            Eventually.Holds(() => Volatile.Read(ref latest) > connections, $"messages come again after round {round}", detail: server.Describe);
        }
        int sent = load.Stop();
        WaitForDelivered(server, sent);
        intake.Sequence.AssertNothingMissing(sent);
        PrintLedger(sent, intake.Sequence);
        PrintEnds(server);
    }

    /// <summary>The program stops reading, and its kernel goes on acknowledging.</summary>
    private static void LeaveUnread(TlsIntake intake)
    {
        intake.Stall();
        Thread.Sleep(30);
    }
}
