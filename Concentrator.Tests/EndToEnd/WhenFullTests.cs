using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>What <c>Spool:WhenFull</c> promises, with a megabyte of room and a peer that is away.</summary>
[SuppressMessage("Structure", "NUnit1032", Justification = "The base class disposes them, after its checks.")]
internal sealed class WhenFullTests : ServerTests
{
    private const int Count = 20_000;

    private readonly int _port = FreePort.Next();
    private readonly int _tls = FreePort.Next();
    private TlsIntake _intake = null!;
    private ServerProcess _server = null!;

    [SetUp]
    public void NewPeer()
    {
        _intake = Own(NewIntake());
        _intake.Refuse();
    }

    [Test]
    public void Drop_oldest_keeps_the_newest_and_counts()
    {
        StartServer("drop-oldest");
        (double dropped, SequenceLedger sequence) = FillAndComeBack("queue_full_oldest");
        Assert.That(sequence.Missing(Count), Is.EqualTo(Enumerable.Range(0, (int)dropped)), "the oldest are missing, and only they");
    }

    [Test]
    public void Drop_newest_keeps_the_oldest_and_counts()
    {
        StartServer("drop-newest");
        (double dropped, SequenceLedger sequence) = FillAndComeBack("queue_full_newest");
        Assert.That(sequence.Missing(Count), Is.EqualTo(Enumerable.Range(Count - (int)dropped, (int)dropped)), "the newest are missing, and only they");
    }

    [Test]
    public void Block_makes_a_stream_wait_and_loses_nothing()
    {
        const int many = 150_000;
        StartServer("block");
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        Task sending = Task.Run(() => sender.Send(NumberedMessage.HttpLog, 0, many));
        MetricsSnapshot full = _server.WaitForMetrics(
            m => m.Sum("concentrator_output_queued_bytes", ("output", "sekoia")) >= 700 * 1024, "the queue is full");
        Assert.That(sending.IsCompleted, Is.False, "forty megabytes do not fit anywhere on the way");
        Assert.That(full.Sum("concentrator_received_messages_total"), Is.LessThan(many));

        _intake.Listen();
        _intake.Sequence.AssertComplete(many);
        Assert.That(_intake.Sequence.OutOfOrder, Is.Zero);
        Assert.That(sending.Wait(Deadline.Reaction));
        MetricsSnapshot metrics = _server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0, "the queue is empty");
        Assert.That(metrics.Sum("concentrator_output_dropped_messages_total", ("output", "sekoia")), Is.Zero);
    }

    [Test]
    public void A_stream_that_is_faster_than_the_disk_waits_for_it_long_before_memory_is_full()
    {
        const int many = 150_000;
        _intake.Listen();
        StartServer("drop-oldest", maxSize: "1GB");
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, 0, many);
        _intake.Sequence.AssertComplete(many);
        MetricsSnapshot metrics = _server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0, "the queue is empty");
        Assert.That(metrics.Sum("concentrator_output_dropped_messages_total"), Is.Zero);
    }

    [Test]
    public void Block_makes_a_datagram_sender_wait_and_loses_nothing()
    {
        const int many = 50_000;
        StartServer("block");
        using DatagramSender sender = DatagramSender.Unix(Directory["log"]);
        Task sending = Task.Run(() => sender.Send(NumberedMessage.HttpLog, 0, many));
        _server.WaitForMetrics(m => m.Sum("concentrator_output_queued_bytes", ("output", "sekoia")) >= 700 * 1024, "the queue is full");
        _intake.Listen();
        _intake.Sequence.AssertComplete(many);
        Assert.That(sending.Wait(Deadline.Reaction));
        Assert.That(_server.Metrics().Sum("concentrator_output_dropped_messages_total", ("output", "sekoia")), Is.Zero);
    }

    [Test]
    public void Waiting_for_room_is_not_silence_of_the_sender()
    {
        const int many = 20_000;
        StartServer("block", "00:00:01");
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        Task sending = Task.Run(() => sender.Send(NumberedMessage.HttpLog, 0, many));
        _server.WaitForMetrics(m => m.Sum("concentrator_output_queued_bytes", ("output", "sekoia")) >= 700 * 1024, "the queue is full");

        // A hand-shake that begins and does not go on is the clock: it is cut after three seconds, when silence would have been cut twice.
        using Socket clock = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        clock.Connect(IPAddress.Loopback, _tls);
        clock.Send([0x16]);
        SocketAssert.IsReset(clock);
        _intake.Listen();
        _intake.Sequence.AssertComplete(many);
        Assert.That(sending.Wait(Deadline.Reaction));
    }

    [Test]
    public void A_stop_ends_even_while_a_stream_and_a_datagram_socket_wait_for_room()
    {
        StartServer("block");
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        Task sending = Task.Run(() => sender.Send(NumberedMessage.HttpLog, 0, 100_000));
        using DatagramSender local = DatagramSender.Unix(Directory["log"]);
        Task localSending = Task.Run(() => local.Send(NumberedMessage.HttpLog, 0, 100_000));
        _server.WaitForMetrics(m => m.Sum("concentrator_output_queued_bytes", ("output", "sekoia")) >= 700 * 1024, "the queue is full");
        Assert.That(_server.Stop(), Is.Zero, _server.Describe());
        Assert.That(_server.Log, Does.Match(@"ledger: sekoia +[0-9,]+ +0 +[0-9,]+ +[0-9,]+ +ok"));
        Assert.That(() => Task.WaitAll([sending, localSending], Deadline.Reaction), Throws.InstanceOf<AggregateException>(), "both senders learn it");
    }

    private void StartServer(string whenFull, string idleTimeout = "00:00:00", string maxSize = "1MB")
    {
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        _server = Start(new
        {
            Listeners = new
            {
                tcp = new { Address = $"tcp://127.0.0.1:{_port}", IdleTimeout = idleTimeout },
                dgram = new { Address = $"unix-dgram:{Directory.Socket("log")}" },
                tls = new
                {
                    Address = $"tls://127.0.0.1:{_tls}",
                    Tls = new { CertificateFile = certificate, KeyFile = key, HandshakeTimeout = "00:00:03" },
                },
            },
            Outputs = new { sekoia = Relay(_intake, Directory), file = LogFile(Directory) },
            Spool = new { MaxMemory = "1MB", MaxSize = maxSize, WhenFull = whenFull },
            ShutdownTimeout = "00:00:02",
        });
    }

    /// <summary>Sends twenty thousand messages, of which some three thousand have room, and lets the peer come back.</summary>
    private (double Dropped, SequenceLedger Sequence) FillAndComeBack(string reason)
    {
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        for (int sent = 0; sent < Count; sent += 1000)
        {
            // The file must keep up: its room is as small.
            sender.Send(NumberedMessage.HttpLog, sent, 1000);
            _server.WaitForMetrics(m => m.Sum("concentrator_output_delivered_messages_total", ("output", "file")) == sent + 1000, "the file has all");
        }
        _server.WaitForLine($"output sekoia: queue full, dropping messages ({reason})");

        // While the peer is away, what the disk's thread still has before it may cost others their place.
        _intake.Listen();
        MetricsSnapshot metrics = _server.WaitForMetrics(
            m => m.Sum("concentrator_output_queued_messages", ("output", "sekoia")) == 0, "all that had room is settled", Deadline.Transfer);
        double dropped = metrics.Sum("concentrator_output_dropped_messages_total", ("output", "sekoia"), ("reason", reason));
        Assert.That(dropped, Is.GreaterThan(10_000).And.LessThan(Count));
        Assert.That(metrics.Sum("concentrator_output_dropped_messages_total"), Is.EqualTo(dropped), "and for no other reason");
        Assert.That(metrics.Sum("concentrator_output_accepted_messages_total", ("output", "sekoia")), Is.EqualTo(Count));
        int left = Count - (int)dropped;
        Assert.That(metrics.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia")), Is.EqualTo(left));
        Eventually.Holds(() => _intake.Sequence.Distinct == left, $"the {left} messages that had room", Deadline.Transfer, _intake.ToString);
        return (dropped, _intake.Sequence);
    }
}
