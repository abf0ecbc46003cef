using System.Globalization;
using System.Text;
using Concentrator.Ingest.JetStream;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>Edges that publish to a stream, relays that fetch from it, a receiver behind them: real servers all along.</summary>
[Category("Nats")]
internal abstract class NatsListenerBase : NatsOutputBase
{
    private readonly List<TempDirectory> _directories = [];

    [TearDown]
    public void RemoveDirectories()
    {
        foreach (TempDirectory directory in _directories) directory.Dispose();
        _directories.Clear();
    }

    protected TempDirectory NewDirectory()
    {
        TempDirectory directory = new();
        _directories.Add(directory);
        return directory;
    }

    /// <summary>A server that fetches from the stream LOGS and relays over plain TCP.</summary>
    protected ServerProcess StartRelay(string servers, int sink, TempDirectory directory, string acknowledge = "delivered", bool wait = true)
    {
        Dictionary<string, object> listener = new() { ["Address"] = $"nats://{servers}", ["Stream"] = "LOGS", ["Consumer"] = "relays", ["Acknowledge"] = acknowledge };
        object configuration = new
        {
            Listeners = new Dictionary<string, object> { ["stream"] = listener },
            Outputs = new Dictionary<string, object> { ["sink"] = new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{sink}", Timestamp = "message" } },
        };
        return wait ? Start(configuration, directory) : Launch(configuration, directory);
    }

    protected static TlsIntake NewSink() => new(null, keepFrames: false);

    /// <summary>Waits until the consumer has nothing left: neither to give out nor unacknowledged.</summary>
    protected static void WaitUntilEmpty(NatsServer nats, TimeSpan? within = null) => Eventually.Holds(
        () => NatsProbe.Pending(nats, "LOGS", "relays") == (0, 0), "everything is acknowledged", within ?? Deadline.Transfer,
        () => string.Create(CultureInfo.InvariantCulture, $"{NatsProbe.Pending(nats, "LOGS", "relays")}"));
}

internal sealed class NatsListenerTests : NatsListenerBase
{
    [TestCase("delivered")]
    [TestCase("queued")]
    public void Everything_goes_from_an_edge_over_the_stream_to_the_receiver(string acknowledge)
    {
        NatsServer nats = NewServer();
        using TlsIntake sink = NewSink();
        StartEdge([nats.Address]);
        ServerProcess relay = StartRelay(nats.Address, sink.Port, NewDirectory(), acknowledge);
        Send(0, 20_000);
        sink.Sequence.AssertComplete(20_000);
        WaitUntilEmpty(nats);
        MetricsSnapshot metrics = relay.Metrics();
        Assert.That(metrics.Sum("concentrator_received_messages_total"), Is.EqualTo(20_000));
        Assert.That(metrics.Sum("concentrator_malformed_messages_total"), Is.Zero);
        Assert.That(metrics.Sum("concentrator_listener_redelivered_messages_total"), Is.Zero);
        Assert.That(sink.Sequence.OutOfOrder, Is.Zero);
    }

    [Test]
    public void Nothing_is_acknowledged_before_the_receiver_has_it()
    {
        NatsServer nats = NewServer();
        using TlsIntake sink = NewSink();
        StartEdge([nats.Address]);
        sink.Refuse();
        ServerProcess relay = StartRelay(nats.Address, sink.Port, NewDirectory());
        Send(0, 5_000);
        relay.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") > 0 && m.Sum("concentrator_listener_unacknowledged") > 0, "some wait in the queue");
        Thread.Sleep(500);
        (long left, long unacknowledged) = NatsProbe.Pending(nats, "LOGS", "relays");
        Assert.That(left + unacknowledged, Is.EqualTo(NatsProbe.Count(nats, "LOGS")), "everything is still the stream's");
        sink.Listen();
        sink.Sequence.AssertComplete(5_000);
        WaitUntilEmpty(nats);
    }

    [Test]
    public void A_relay_that_is_stopped_gives_back_what_it_has_not_delivered_and_another_delivers_it()
    {
        NatsServer nats = NewServer();
        using TlsIntake dead = NewSink();
        using TlsIntake sink = NewSink();
        dead.Refuse();
        StartEdge([nats.Address]);
        ServerProcess first = StartRelay(nats.Address, dead.Port, NewDirectory());
        Send(0, 5_000);
        first.WaitForMetrics(m => m.Sum("concentrator_listener_unacknowledged") > 0, "some are with the first relay");
        Assert.That(first.Stop(), Is.Zero);
        Assert.That(first.Log, Does.Contain("are given back to stream LOGS"));
        ServerProcess second = StartRelay(nats.Address, sink.Port, NewDirectory());
        sink.Sequence.AssertComplete(5_000);
        WaitUntilEmpty(nats);
        Assert.That(second.Metrics().Sum("concentrator_listener_redelivered_messages_total"), Is.GreaterThan(0));
    }

    [Test]
    public void A_relay_whose_receiver_is_away_leaves_what_waits_to_the_others()
    {
        NatsServer nats = NewServer();
        using TlsIntake dead = NewSink();
        using TlsIntake sink = NewSink();
        dead.Refuse();
        ServerProcess edge = StartEdge([nats.Address]);
        Send(0, 20_000);
        WaitForDelivered(edge, 20_000);
        ServerProcess first = StartRelay(nats.Address, dead.Port, NewDirectory());
        first.WaitForMetrics(static m => m.Sum("concentrator_listener_unacknowledged") == FetchWindow.Least, "it has what it may");
        StartRelay(nats.Address, sink.Port, NewDirectory());
        Eventually.Holds(() => NatsProbe.Pending(nats, "LOGS", "relays") == (0, FetchWindow.Least), "the second has delivered the rest", Deadline.Transfer);
        Assert.That(first.Stop(), Is.Zero);
        sink.Sequence.AssertComplete(20_000);
        WaitUntilEmpty(nats);
    }

    [Test]
    public void Blocks_that_are_not_what_they_say_are_counted_and_never_given_out_again_and_others_pass()
    {
        NatsServer nats = NewServer();
        NatsProbe.CreateStream(nats, "LOGS", """ "subjects":["concentrator.>"],"storage":"file" """);
        using TlsIntake sink = NewSink();
        string[] broken = ["5 abc", "x", "3 abc4 abcd", "", "3 abc ", "999999999999 a", "-1 a", "3 abc"];
        foreach (string block in broken) NatsProbe.Publish(nats, "concentrator.x", block, ("Concentrator-Block", "1"), ("Concentrator-Count", block == "3 abc" ? "2" : "1"));
        NatsProbe.Publish(nats, "concentrator.x", "1 a", ("Concentrator-Block", "nonsense"), ("Concentrator-Count", "1"));
        NatsProbe.Publish(nats, "concentrator.x", "1 a", ("Concentrator-Block", "1"));
        ServerProcess relay = StartRelay(nats.Address, sink.Port, NewDirectory());
        NatsProbe.Publish(nats, "concentrator.x", "<134>1 - h a - - - one seq=0");
        NatsProbe.Publish(nats, "concentrator.x", $"{Encoding.UTF8.GetByteCount("<134>1 - h a - - - two seq=1")} <134>1 - h a - - - two seq=1", ("Concentrator-Block", "1"), ("Concentrator-Count", "1"));
        sink.Sequence.AssertComplete(2);
        WaitUntilEmpty(nats);
        relay.WaitForMetrics(m => m.Sum("concentrator_listener_framing_violations_total") == broken.Length + 2, "each broken block is counted once");
    }

    [Test]
    public void A_block_of_a_later_version_stays_in_the_stream()
    {
        NatsServer nats = NewServer();
        NatsProbe.CreateStream(nats, "LOGS", """ "subjects":["concentrator.>"],"storage":"file" """);
        using TlsIntake sink = NewSink();
        ServerProcess relay = StartRelay(nats.Address, sink.Port, NewDirectory());
        NatsProbe.Publish(nats, "concentrator.x", "1 a", ("Concentrator-Block", "2"), ("Concentrator-Count", "1"));
        relay.WaitForLine("was written by a later version: given back");
        Assert.That(NatsProbe.Pending(nats, "LOGS", "relays").Unacknowledged, Is.EqualTo(1));
    }

    [Test]
    public void A_listener_waits_for_a_stream_that_does_not_exist_yet_and_for_servers_that_are_away()
    {
        NatsServer nats = NewServer();
        using TlsIntake sink = NewSink();
        ServerProcess relay = StartRelay(nats.Address, sink.Port, NewDirectory(), wait: false);
        Assert.That(relay.WaitForLine("cannot fetch from")[0], Does.Contain("stream LOGS does not exist"));
        Assert.That(relay.Status("/readyz"), Is.EqualTo(503));
        StartEdge([nats.Address]);
        Send(0, 100);
        sink.Sequence.AssertComplete(100);
        nats.Kill();
        relay.WaitForLine("session with a NATS server ended");
        nats.Start();
        Send(100, 100);

        // A server that is killed may not have heard, or kept, the last acknowledgements.
        sink.Sequence.AssertNothingMissing(200);
        WaitUntilEmpty(nats);
        relay.WaitUntilReady();
    }

    [Test]
    public void Relays_that_are_killed_again_and_again_lose_nothing() => KillRelays(messages: 20_000, kills: 3);

    [Test]
    [Category("Soak")]
    [Explicit("some minutes")]
    public void Relays_that_are_killed_again_and_again_for_minutes_lose_nothing() => KillRelays(messages: 2_000_000, kills: 40);

    private void KillRelays(int messages, int kills)
    {
        NatsServer nats = NewServer();
        using TlsIntake sink = NewSink();
        StartEdge([nats.Address], new() { ["CreateStream"] = new { Replicas = 1 } });
        TempDirectory[] directories = [NewDirectory(), NewDirectory()];
        ServerProcess[] relays = [.. directories.Select(directory => StartRelay(nats.Address, sink.Port, directory))];
        using SteadyLoad load = new(StreamSender.Unix(Socket, Messages.FrameScanning.Framing.OctetCounted), NumberedMessage.HttpLog, 4_000);
        for (int kill = 0; kill < kills; kill++)
        {
            Thread.Sleep(1_000);
            relays[kill % 2].Kill();
            relays[kill % 2] = StartRelay(nats.Address, sink.Port, directories[kill % 2]);
        }
        int sent = load.Stop();
        sink.Sequence.AssertNothingMissing(sent);
        WaitUntilEmpty(nats);
        double again = relays.Sum(static relay => relay.Metrics().Sum("concentrator_listener_redelivered_messages_total"));
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} sent of {messages}; {sink.Sequence}; given out again {again}"));
    }
}
