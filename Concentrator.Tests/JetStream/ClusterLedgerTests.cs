using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Concentrator.Ingest.JetStream;
using Concentrator.Native;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary><c>concentrator status --cluster</c> with real servers: edges, a stream, relays, and whatever kills them.</summary>
internal sealed class ClusterLedgerTests : NatsListenerBase
{
    [Test]
    public void Two_edges_and_two_relays_balance_to_the_message()
    {
        NatsServer nats = NewServer();
        using TlsIntake sink = NewSink();
        (TempDirectory one, TempDirectory two, TempDirectory relay) = (NewDirectory(), NewDirectory(), NewDirectory());
        StartEdgeIn(one, [nats.Address]);
        StartEdgeIn(two, [nats.Address]);
        SendTo(one, 0, 6_000);
        SendTo(two, 6_000, 4_000);
        Eventually.Holds(() => NatsProbe.Sequence(nats, "LOGS").Distinct == 10_000, "all is in the stream", Deadline.Transfer);
        (int exit, string text) = AskOf(one);
        Assert.That(Words(text), Does.EndWith("accepted by edges 10,000 = waiting at edges 0 + dropped at edges 0 + in the stream 10,000 + settled by relays 0 BALANCED"));
        Assert.That(text, Does.Contain("no relay is known"));
        Assert.That(exit, Is.Zero);

        StartRelay(nats.Address, sink.Port, relay);
        StartRelay(nats.Address, sink.Port, NewDirectory());
        sink.Sequence.AssertComplete(10_000);
        WaitUntilEmpty(nats);
        (exit, text) = AskOf(relay);
        Assert.That(Words(text), Does.EndWith("accepted by edges 10,000 = waiting at edges 0 + dropped at edges 0 + in the stream 0 + settled by relays 10,000 BALANCED"));
        Assert.That(exit, Is.Zero);
        Assert.That(text.Split('\n').Max(static line => line.Length), Is.LessThanOrEqualTo(80));
        using JsonDocument document = JsonDocument.Parse(AskOf(one, "--json").Text);
        Assert.That(document.RootElement.GetProperty("balanced").GetBoolean());
        Assert.That(document.RootElement.GetProperty("members").GetArrayLength(), Is.EqualTo(4));
        TestContext.Out.WriteLine(text);
    }

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
    public void An_edge_that_is_gone_for_good_shows_its_last_known_figures_and_what_waits_there()
    {
        NatsServer nats = NewServer();
        (TempDirectory here, TempDirectory gone) = (NewDirectory(), NewDirectory());
        StartEdgeIn(here, [nats.Address]);
        ServerProcess edge = StartEdgeIn(gone, [nats.Address]);
        SendTo(here, 0, 1_000);
        SendTo(gone, 1_000, 2_000);
        WaitForDelivered(edge, 2_000);
        Assert.That(AskOf(here).Exit, Is.Zero, "who asks makes the members publish");
        edge.Kill();
        (int exit, string text) = AskOf(here);
        Assert.That(text, Does.Contain("does not answer; these are its last known figures").And.Match("accepted by edges +3,000\n").And.Match(@"(?m)^BALANCED$"));
        Assert.That(exit, Is.Zero);
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
    public void With_the_rights_that_the_guide_gives_everything_works_and_nothing_is_said()
    {
        string guide = Repository.Read("docs/guide/scale-out.md");
        int at = guide.IndexOf("authorization {", StringComparison.Ordinal);
        NatsServer nats = NewServer(guide[at..guide.IndexOf("```", at, StringComparison.Ordinal)].Replace("$NATS_PASSWORD", $"\"{Password}\"", StringComparison.Ordinal));
        using TlsIntake sink = NewSink();
        (TempDirectory edgeIn, TempDirectory relayIn, TempDirectory askIn) = (NewDirectory(), NewDirectory(), NewDirectory());
        string password = edgeIn.Write("password", Password);
        File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ServerProcess edge = StartEdgeIn(edgeIn, [nats.Address], more: new() { ["User"] = "edge", ["PasswordFile"] = password });
        object Relay(string user) => new
        {
            Listeners = new Dictionary<string, object>
            {
                ["stream"] = new { Address = $"nats://{nats.Address}", Stream = "LOGS", Consumer = "relays", User = user, PasswordFile = password },
            },
            Outputs = new Dictionary<string, object> { ["sink"] = new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{sink.Port}", Timestamp = "message" } },
        };
        ServerProcess relay = Start(Relay("relay"), relayIn);
        SendTo(edgeIn, 0, 1_000);
        sink.Sequence.AssertComplete(1_000);
        askIn.Write("concentrator.json", JsonSerializer.Serialize(Relay("status")));
        Eventually.Holds(() => AskOf(askIn).Exit == 0, "it balances", Deadline.Transfer, () => AskOf(askIn).Text);
        Assert.That(Words(AskOf(askIn).Text), Does.EndWith("settled by relays 1,000 BALANCED"));
        Assert.That(edge.Stop(), Is.Zero);
        Assert.That(relay.Stop(), Is.Zero);
        Assert.That(edge.Log + relay.Log, Does.Not.Contain("the ledger of the cluster lacks"));
        (int exit, string text) = AskOf(askIn);
        Assert.That(text.Split("stopped in order; these are its last figures"), Has.Length.EqualTo(3), text);
        Assert.That(exit, Is.Zero);
    }

    [Test]
    public void Messages_that_were_deleted_from_the_stream_are_missing_and_said_to_be()
    {
        NatsServer nats = NewServer();
        TempDirectory edgeIn = NewDirectory();
        ServerProcess edge = StartEdgeIn(edgeIn, [nats.Address]);
        SendTo(edgeIn, 0, 1_000);
        WaitForDelivered(edge, 1_000);
        NatsProbe.Purge(nats, "LOGS");
        (int exit, string text) = AskOf(edgeIn);
        Assert.That(Words(text), Does.Contain("+ missing 1,000 NOT BALANCED: 1,000 messages are missing").And.Contain("deleted from the stream (purge)"));
        Assert.That(exit, Is.EqualTo(1));
        NatsProbe.Publish(nats, "concentrator.edge", "<134>1 - h a - - - one");
        for (int i = 0; i < 1_001; i++) NatsProbe.Publish(nats, "concentrator.edge", "3 abc3 abc", ("Concentrator-Block", "1"), ("Concentrator-Count", "2"));
        (exit, text) = AskOf(edgeIn);
        Assert.That(Words(text), Does.Contain("- too many 1,003 NOT BALANCED: 1,003 messages too many").And.Contain("came from something else than an edge"));
        Assert.That(exit, Is.EqualTo(1));
    }

    [Test]
    public void A_cluster_in_which_messages_flow_balances_whenever_it_is_asked()
    {
        NatsServer nats = NewServer();
        using TlsIntake sink = NewSink();
        TempDirectory edgeIn = NewDirectory();
        StartEdgeIn(edgeIn, [nats.Address]);
        StartRelay(nats.Address, sink.Port, NewDirectory());
        using SteadyLoad load = new(StreamSender.Unix(edgeIn.Socket("log"), Messages.FrameScanning.Framing.OctetCounted), NumberedMessage.HttpLog, 3_000);
        for (int i = 0; i < 3; i++)
        {
            (int exit, string text) = AskOf(edgeIn);
            Assert.That(exit, Is.Zero, text);
        }
        int sent = load.Stop();
        sink.Sequence.AssertNothingMissing(sent);
        WaitUntilEmpty(nats);
        Assert.That(Words(AskOf(edgeIn).Text), Does.EndWith(string.Create(CultureInfo.InvariantCulture, $"settled by relays {sent:N0} BALANCED")));
    }

    [Test]
    public void A_user_without_rights_to_the_ledger_is_said_once_and_delivers_everything()
    {
        const string Users = """
            authorization { users: [
              { user: edge, password: "never-shown-nats-password", permissions: { publish: ["concentrator.edge", "$JS.API.STREAM.INFO.LOGS", "_INBOX.>"], subscribe: ["_INBOX.>"] } },
              { user: admin, password: "never-shown-nats-password" } ] }
            """;
        NatsServer nats = NewServer(Users);
        TempDirectory edgeIn = NewDirectory();
        string password = edgeIn.Write("password", Password);
        File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        TempDirectory adminIn = NewDirectory();
        StartEdgeIn(adminIn, [nats.Address], more: new() { ["User"] = "admin", ["PasswordFile"] = password });
        Eventually.Holds(() => AskOf(adminIn).Text.Contains("BALANCED", StringComparison.Ordinal), "the streams are there", Deadline.Process);
        ServerProcess edge = StartEdgeIn(edgeIn, [nats.Address], more: new() { ["User"] = "edge", ["PasswordFile"] = password });
        SendTo(edgeIn, 0, 1_000);
        WaitForDelivered(edge, 1_000);
        edge.WaitForLine("the ledger of the cluster lacks this output or its past");
        SendTo(edgeIn, 1_000, 1_000);
        WaitForDelivered(edge, 2_000);
        Assert.That(edge.Metrics().Sum("concentrator_relay_reconnects_total"), Is.Zero, "the session goes on");
        (int exit, string text) = AskOf(adminIn);
        Assert.That(text, Does.Contain("NOT BALANCED: 2,000 messages too many"), "what nobody accounts for is a surplus");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(AskOf(edgeIn).Exit, Is.EqualTo(1));
    }

    [Test]
    public void Without_the_right_to_create_it_the_command_that_creates_the_ledgers_stream_is_given()
    {
        NatsServer nats = NewServer();
        NatsProbe.CreateStream(nats, "LOGS", """ "subjects":["concentrator.edge"],"discard":"new","storage":"file" """);
        TempDirectory edgeIn = NewDirectory();
        ServerProcess edge = StartEdgeIn(edgeIn, [nats.Address], more: new() { ["CreateStream"] = false });
        SendTo(edgeIn, 0, 500);
        WaitForDelivered(edge, 500);
        (int exit, string text) = AskOf(edgeIn);
        Assert.That(text.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal), Does.Contain("natsstreamaddLOGS_ledger--subjects='concentrator-ledger.LOGS.*'"));
        Assert.That(text, Does.Match("accepted by edges +500\n").And.Match(@"(?m)^BALANCED$"), "members that answer are known without it");
        Assert.That(exit, Is.Zero);
        edge.WaitForLine("nats stream add LOGS_ledger --subjects='concentrator-ledger.LOGS.*'", TimeSpan.FromSeconds(30));
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

    private ServerProcess StartEdgeIn(
        TempDirectory directory, IEnumerable<string> servers, object? spool = null, Dictionary<string, object>? more = null,
        IReadOnlyDictionary<string, string?>? environment = null, string? binary = null, string transport = "unix-stream")
    {
        Dictionary<string, object> output = new() { ["Type"] = "nats", ["Servers"] = servers.ToArray(), ["Stream"] = "LOGS", ["CreateStream"] = new { Replicas = 1 } };
        foreach ((string key, object value) in more ?? []) output[key] = value;
        return Start(
            new
            {
                Listeners = new { @in = new { Address = $"{transport}:{directory.Socket("log")}" } },
                Outputs = new Dictionary<string, object> { ["edge"] = output },
                Spool = spool ?? new { },
            },
            directory, environment, binary);
    }

    /// <summary>Until the edge has noticed it, blocks are on their way, and nobody knows whether they will arrive.</summary>
    private static void Lose(NatsServer nats, ServerProcess edge)
    {
        nats.Kill();
        edge.WaitForMetrics(m => m.Sum("concentrator_relay_connected") == 0, "it is not connected any more");
    }

    private static void SendTo(TempDirectory directory, int first, int count)
    {
        using StreamSender sender = StreamSender.Unix(directory.Socket("log"), Messages.FrameScanning.Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, first, count);
        sender.FinishSending();
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Asks with the configuration of the server in that directory, which need not run.</summary>
    private static (int Exit, string Text) AskOf(TempDirectory directory, params string[] more)
    {
        (int exit, string output, string errors) = ServerProcess.Run(directory, ["status", "--cluster", "--config", directory["concentrator.json"], .. more]);
        return (exit, output + errors);
    }
}
