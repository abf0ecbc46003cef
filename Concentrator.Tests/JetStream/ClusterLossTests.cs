using System.Net.Sockets;
using System.Text.Json;
using Concentrator.Ingest.JetStream;
using Concentrator.Native;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>The ledger of a cluster over what kills, replaces and overfills its servers.</summary>
internal sealed class ClusterLossTests : ClusterLedgerBase
{
    [Test]
    public void After_kill_9_of_edges_and_relays_nothing_is_missing_and_a_surplus_is_what_was_given_out_again()
    {
        NatsServer nats = NewServer();
        using TlsIntake sink = NewSink();
        (TempDirectory edgeIn, TempDirectory relayIn) = (NewDirectory(), NewDirectory());
        ServerProcess edge = StartEdgeIn(edgeIn, [nats.Address]);
        ServerProcess relay = StartRelay(nats.Address, sink.Port, relayIn);
        int sent = 0;
        for (int round = 0; round < 3; round++)
        {
            using SteadyLoad load = new(StreamSender.Unix(edgeIn.Socket("log"), Messages.FrameScanning.Framing.OctetCounted), NumberedMessage.HttpLog, 4_000, first: sent);
            Thread.Sleep(700);
            relay.Kill();
            relay = StartRelay(nats.Address, sink.Port, relayIn);
            sent += load.Stop();
            edge.WaitForMetrics(m => m.Sum("concentrator_received_messages_total") > 0, "it has received");
            edge.Kill();
            edge = StartEdgeIn(edgeIn, [nats.Address]);
        }
        edge.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0, "all is handed over", Deadline.Transfer);
        WaitUntilEmpty(nats, Deadline.Process + TimeSpan.FromSeconds(30));
        AssertCountedOnce(edgeIn, null);
    }

    [Test]
    public void Hand_overs_of_an_edge_and_a_relay_go_on_with_the_count()
    {
        NatsServer nats = NewServer();
        using TlsIntake sink = NewSink();
        (TempDirectory edgeIn, TempDirectory relayIn) = (NewDirectory(), NewDirectory());
        ServerProcess edge = StartEdgeIn(edgeIn, [nats.Address], transport: "unix-dgram");
        ServerProcess relay = StartRelay(nats.Address, sink.Port, relayIn);
        using DatagramSender sender = DatagramSender.Unix(edgeIn.Socket("log"));
        int sent = 0;
        for (int round = 0; round < 4; round++)
        {
            sender.Send(NumberedMessage.LocalHttpLog, sent, 2_000);
            sent += 2_000;
            if (round % 2 == 0) edge = HandOver(edge, edgeIn);
            else relay = HandOver(relay, relayIn);
        }
        sender.Send(NumberedMessage.LocalHttpLog, sent, 1_000);
        sent += 1_000;
        edge.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0, "all is handed over", Deadline.Transfer);
        WaitUntilEmpty(nats);
        sink.Sequence.AssertNothingMissing(sent);
        AssertCountedOnce(edgeIn, sent);

        ServerProcess HandOver(ServerProcess first, TempDirectory directory)
        {
            ServerProcess second = Launch(File.ReadAllText(directory["concentrator.json"]), directory, binary: Wrapped.Script(directory, "exec SERVER --take-over"));
            Assert.That(first.WaitForExit(Deadline.Process), Is.Zero, first.Describe());
            second.WaitUntilReady();
            return second;
        }
    }

    [Test]
    public void What_an_edge_drops_shows_with_its_reason_also_after_kill_9()
    {
        NatsServer nats = NewServer();
        TempDirectory edgeIn = NewDirectory();
        ServerProcess edge = StartEdgeIn(edgeIn, [nats.Address], new { MaxSize = "1MB", WhenFull = "drop-oldest" });
        SendTo(edgeIn, 0, 1_000);
        WaitForDelivered(edge, 1_000);
        Lose(nats, edge);
        SendTo(edgeIn, 1_000, 20_000);
        edge.WaitForMetrics(m => m.Sum("concentrator_output_accepted_messages_total") == 21_000 && m.Sum("concentrator_output_dropped_messages_total") > 5_000, "the queue was full");
        edge.Kill();
        nats.Start();
        edge = StartEdgeIn(edgeIn, [nats.Address], new { MaxSize = "1MB", WhenFull = "drop-oldest" });
        edge.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0, "the rest is handed over", Deadline.Transfer);
        (int exit, string text) = AskOf(edgeIn);
        Assert.That(text, Does.Match("accepted by edges +21,000\n").And.Match("dropped: [0-9]{1,2},[0-9]{3} queue_full_oldest").And.Match(@"(?m)^BALANCED$"));
        Assert.That(exit, Is.Zero, text);
    }

    [Test]
    public void What_an_edge_drops_is_counted_once_also_if_it_is_killed_while_it_drops(
        [Values("oldest taken", "oldest deleted")] string point, [Values(1, 4)] int time)
    {
        NatsServer nats = NewServer();
        TempDirectory edgeIn = NewDirectory();
        object spool = new { MaxSize = "1MB", WhenFull = "drop-oldest" };
        ServerProcess edge = StartEdgeIn(
            edgeIn, [nats.Address], spool, environment: new Dictionary<string, string?> { [CrashPoint.Variable] = $"{point}:{time}" }, binary: Build());
        SendTo(edgeIn, 0, 1_000);
        WaitForDelivered(edge, 1_000);
        Lose(nats, edge);

        // It dies while it is sent to, or has taken everything before.
        try
        {
            SendTo(edgeIn, 1_000, 20_000);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            TestContext.Out.WriteLine(e.Message);
        }
        Assert.That(edge.WaitForExit(Deadline.Process), Is.EqualTo(137), edge.Describe());
        nats.Start();
        edge = StartEdgeIn(edgeIn, [nats.Address], spool);
        edge.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0, "the rest is handed over", Deadline.Transfer);
        (int exit, string text) = AskOf(edgeIn);
        TestContext.Out.WriteLine(text);
        Assert.That(exit, Is.Zero, text);
    }

    [Test]
    public void What_a_relay_has_fetched_and_dropped_is_settled_and_shows_with_its_reason()
    {
        NatsServer nats = NewServer();
        using TlsIntake away = NewSink();
        away.Refuse();
        (TempDirectory edgeIn, TempDirectory relayIn) = (NewDirectory(), NewDirectory());
        ServerProcess edge = StartEdgeIn(edgeIn, [nats.Address]);

        // Of the stream it fetches no more than it can deliver soon: what fills its queue comes from elsewhere.
        object configuration = new
        {
            Listeners = new Dictionary<string, object>
            {
                ["stream"] = new { Address = $"nats://{nats.Address}", Stream = "LOGS", Consumer = "relays" },
                ["local"] = new { Address = $"unix-stream:{relayIn.Socket("log")}" },
            },
            Outputs = new Dictionary<string, object> { ["sink"] = new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{away.Port}" } },
            Spool = new { MaxSize = "1MB", WhenFull = "drop-oldest" },
        };
        ServerProcess relay = Start(configuration, relayIn);
        SendTo(edgeIn, 0, 20_000);
        WaitForDelivered(edge, 20_000);
        relay.WaitForMetrics(m => m.Sum("concentrator_listener_unacknowledged") == FetchWindow.Least, "the relay has what it may");
        SendTo(relayIn, 0, 20_000);
        Eventually.Holds(() => AskOf(edgeIn, "--json").Text.Contains("queue_full_oldest", StringComparison.Ordinal), "it says what it has dropped", Deadline.Transfer);
        relay.Kill();

        // It is not ready: its receiver is away.
        Launch(configuration, relayIn).WaitForLine("listener stream: connected to");
        (int exit, string text) = AskOf(edgeIn);
        Assert.That(Words(text), Does.Match("its output sink: [0-9,]+ waiting, dropped: [0-9,]+ queue_full_oldest").And.EndsWith("BALANCED"));
        Assert.That(exit, Is.Zero);
    }

    [Test]
    public void It_balances_when_servers_of_a_cluster_of_three_are_killed()
    {
        NatsCluster cluster = Own(new NatsCluster(Directory));
        using TlsIntake sink = NewSink();
        TempDirectory edgeIn = NewDirectory();
        ServerProcess edge = StartEdgeIn(edgeIn, cluster.Addresses, more: new() { ["CreateStream"] = new { Replicas = 3 } });
        edge.WaitForMetrics(m => m.Sum("concentrator_relay_connected") == 1, "connected", Deadline.Process);
        StartRelay(string.Join(',', cluster.Addresses), sink.Port, NewDirectory());
        using SteadyLoad load = new(StreamSender.Unix(edgeIn.Socket("log"), Messages.FrameScanning.Framing.OctetCounted), NumberedMessage.HttpLog, 2_000);
        Thread.Sleep(1_000);
        NatsServer leader = cluster.LeaderOf("LOGS");
        leader.Kill();
        Thread.Sleep(2_000);
        leader.Start();
        cluster.WaitUntilReady();
        int sent = load.Stop();
        WaitForDelivered(edge, sent);
        WaitUntilEmpty(cluster.Servers[0], TimeSpan.FromSeconds(90));
        Assert.That(NatsProbe.Ask(cluster.Servers[0], "$JS.API.STREAM.INFO.LOGS_ledger"), Does.Contain("\"num_replicas\":3"));
        using JsonDocument document = JsonDocument.Parse(AskOf(edgeIn, "--json").Text);
        TestContext.Out.WriteLine(AskOf(edgeIn).Text);
        JsonElement consumer = document.RootElement.GetProperty("consumers")[0];
        Assert.That(consumer.GetProperty("missing").GetInt64(), Is.Zero);
        Assert.That(consumer.GetProperty("handed_over").GetInt64(), Is.EqualTo(sent));
    }

    /// <summary>One edge and one relay are known, nothing is missing, and a surplus is at most what was given out again.</summary>

    /// <param name="sent">What the edge has accepted; null = what is handed over.</param>
    private static void AssertCountedOnce(TempDirectory edgeIn, long? sent)
    {
        (int exit, string text) = AskOf(edgeIn, "--json");
        TestContext.Out.WriteLine(AskOf(edgeIn).Text);
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement consumer = document.RootElement.GetProperty("consumers")[0];
        JsonElement[] members = [.. document.RootElement.GetProperty("members").EnumerateArray().Select(static member => member.GetProperty("record"))];
        long surplus = consumer.GetProperty("surplus").GetInt64();
        long again = members.Where(static m => m.TryGetProperty("relay", out _)).Sum(static m => m.GetProperty("relay").GetProperty("redelivered").GetInt64());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(members, Has.Length.EqualTo(2), "who is started again is the same member");
            Assert.That(consumer.GetProperty("missing").GetInt64(), Is.Zero);
            Assert.That(surplus, Is.LessThanOrEqualTo(again));
            Assert.That(exit, Is.EqualTo(surplus == 0 ? 0 : 1));
            Assert.That(members.Single(static m => m.TryGetProperty("edge", out _)).GetProperty("edge").GetProperty("accepted").GetInt64(), Is.EqualTo(sent ?? consumer.GetProperty("handed_over").GetInt64()));
        }
    }

    /// <summary>Until the edge has noticed it, blocks are on their way, and nobody knows whether they will arrive.</summary>
    private static void Lose(NatsServer nats, ServerProcess edge)
    {
        nats.Kill();
        edge.WaitForMetrics(m => m.Sum("concentrator_relay_connected") == 0, "it is not connected any more");
    }
}
