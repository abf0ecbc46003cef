using System.Globalization;
using System.Text.Json;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>What <c>concentrator status --cluster</c> says of real servers: edges, a stream, relays.</summary>
internal sealed class ClusterLedgerTests : ClusterLedgerBase
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
}
