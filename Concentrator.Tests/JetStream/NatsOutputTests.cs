using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>Outputs of type nats as a process, with one real nats-server.</summary>
[Category("Nats")]
internal abstract class NatsOutputBase : ServerTests
{
    protected const string Password = "never-shown-nats-password";

    protected string Socket => Directory.Socket("log");

    protected NatsServer NewServer(string more = "") => Own(new NatsServer(Directory, more)).Start();

    /// <summary>A server that sends all of a unix socket to a stream.</summary>
    protected ServerProcess StartEdge(IEnumerable<string> servers, Dictionary<string, object>? more = null, object? spool = null, TempDirectory? directory = null) =>
        Start(Edge(servers, more, spool), directory);

    protected object Edge(IEnumerable<string> servers, Dictionary<string, object>? more = null, object? spool = null)
    {
        Dictionary<string, object> output = new() { ["Type"] = "nats", ["Servers"] = servers.ToArray(), ["Stream"] = "LOGS", ["CreateStream"] = new { Replicas = 1 } };
        foreach ((string key, object value) in more ?? []) output[key] = value;
        return new
        {
            Listeners = new { @in = new { Address = $"unix-stream:{Socket}" } },
            Outputs = new Dictionary<string, object> { ["edge"] = output },
            Spool = spool ?? new { },
        };
    }

    protected void Send(int first, int count)
    {
        using StreamSender sender = StreamSender.Unix(Socket, Messages.FrameScanning.Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, first, count);
        sender.FinishSending();
    }

    protected static void WaitForDelivered(ServerProcess server, int count, TimeSpan? within = null) => server.WaitForMetrics(
        m => m.Sum("concentrator_output_delivered_messages_total") == count && m.Sum("concentrator_output_queued_messages") == 0, $"{count} delivered", within ?? Deadline.Transfer);
}

internal sealed class NatsOutputTests : NatsOutputBase
{
    [Test]
    public void Everything_arrives_in_the_stream_once_and_in_order()
    {
        NatsServer nats = NewServer();
        ServerProcess server = StartEdge([nats.Address]);
        Send(0, 20_000);
        WaitForDelivered(server, 20_000);
        SequenceLedger stored = NatsProbe.Sequence(nats, "LOGS");
        stored.AssertComplete(20_000);
        Assert.That(stored.OutOfOrder, Is.Zero);
        StoredMessage block = NatsProbe.ReadAll(nats, "LOGS")[0];
        Assert.That(block.Subject, Is.EqualTo("concentrator.edge"));
        Assert.That(block.Headers.Keys, Is.EquivalentTo(new[] { "Nats-Msg-Id", "Nats-Expected-Stream", "Concentrator-Block", "Concentrator-Count" }));
        server.WaitForLine("created stream LOGS for subject concentrator.edge, 1 replicas");
    }

    [Test]
    public void A_batch_of_message_is_one_syslog_message_each()
    {
        NatsServer nats = NewServer();
        ServerProcess server = StartEdge([nats.Address], new() { ["Batch"] = "message", ["Subject"] = "logs.{host}.web" });
        Send(0, 2_000);
        WaitForDelivered(server, 2_000);
        IReadOnlyList<StoredMessage> stored = NatsProbe.ReadAll(nats, "LOGS");
        Assert.That(stored, Has.Count.EqualTo(2_000));
        Assert.That(System.Text.Encoding.UTF8.GetString(stored[0].Bytes), Does.StartWith("<134>1 ").And.EndsWith("seq=0000000 HTTP/1.1\""));
        Assert.That(stored[0].Subject, Is.EqualTo($"logs.{Environment.MachineName.Split('.')[0]}.web"));
        SequenceLedger.Of(stored.Select(static m => System.Text.Encoding.Latin1.GetString(m.Bytes))).AssertComplete(2_000);
    }

    [Test]
    public void After_kill_9_what_was_stored_is_stored_once()
    {
        NatsServer nats = NewServer();
        ServerProcess server = StartEdge([nats.Address]);
        for (int round = 0; round < 4; round++)
        {
            using SteadyLoad load = new(StreamSender.Unix(Socket, Messages.FrameScanning.Framing.OctetCounted), NumberedMessage.HttpLog, 0);
            Send(round * 5_000, 5_000);
            server.WaitForMetrics(m => m.Sum("concentrator_output_accepted_messages_total") >= 4_000, "most are accepted");
            server.WaitForMetrics(m => m.Sum("concentrator_received_messages_total") == 5_000, "all are received");
            server.Kill();
            server = StartEdge([nats.Address]);
        }
        server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0, "all is delivered", Deadline.Transfer);
        NatsProbe.Sequence(nats, "LOGS").AssertComplete(20_000);
    }

    [Test]
    public void Lost_acknowledgements_are_asked_for_again_and_stored_once()
    {
        NatsServer nats = NewServer();
        using CuttingProxy cutting = new(nats.Port);
        ServerProcess server = StartEdge([$"127.0.0.1:{cutting.Port}"]);
        for (int round = 0; round < 5; round++)
        {
            server.WaitForMetrics(m => m.Sum("concentrator_relay_connected") == 1, "connected");
            cutting.SwallowsAnswers = true;
            Send(round * 1_000, 1_000);
            int before = round * 1_000;
            Eventually.Holds(() => NatsProbe.Sequence(nats, "LOGS").Distinct > before, "the stream has some of them");
            cutting.SwallowsAnswers = false;
            cutting.CutAll();
            WaitForDelivered(server, (round + 1) * 1_000);
        }
        NatsProbe.Sequence(nats, "LOGS").AssertComplete(5_000);
        Assert.That(server.Metrics().Sum("concentrator_relay_known_publications_total"), Is.GreaterThan(0));
    }

    [Test]
    public void A_stop_without_the_server_keeps_everything_in_the_spool()
    {
        NatsServer nats = NewServer();
        ServerProcess server = StartEdge([nats.Address]);
        Send(0, 1_000);
        WaitForDelivered(server, 1_000);
        nats.Kill();
        Send(1_000, 1_000);
        server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 1_000, "queued");
        Assert.That(server.Stop(), Is.Zero);
        nats.Start();
        server = StartEdge([nats.Address]);
        WaitForDelivered(server, 1_000);
        NatsProbe.Sequence(nats, "LOGS").AssertComplete(2_000);
    }
}
