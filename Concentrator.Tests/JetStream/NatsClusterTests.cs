using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>An output of type nats and a cluster of three servers, each message held by all of them.</summary>
internal sealed class NatsClusterTests : NatsOutputBase
{
    private static readonly Dictionary<string, object> Replicated = new() { ["CreateStream"] = new { Replicas = 3 } };

    [Test]
    public void Each_server_in_turn_is_killed_under_load_and_nothing_is_missing_or_twice() => KillInTurn(perSecond: 2_000, rounds: 1);

    [Test]
    [Category("Soak")]
    [Explicit("five minutes")]
    public void Each_server_in_turn_is_killed_under_20_000_messages_a_second() => KillInTurn(perSecond: 20_000, rounds: 5);

    [Test]
    public void With_two_of_three_servers_away_everything_waits_in_the_spool()
    {
        NatsCluster cluster = Own(new NatsCluster(Directory));
        ServerProcess server = StartEdge(cluster.Addresses, Replicated);
        Send(0, 1_000);
        WaitForDelivered(server, 1_000);
        NatsServer[] away = [.. cluster.Servers.Skip(1)];
        foreach (NatsServer nats in away) nats.Kill();
        Send(1_000, 4_000);
        server.WaitForMetrics(m => m.Sum("concentrator_output_accepted_messages_total") == 5_000, "all is accepted");
        Thread.Sleep(2_000);
        Assert.That(server.Metrics().Sum("concentrator_output_delivered_messages_total"), Is.EqualTo(1_000), "nothing is delivered without a quorum");
        foreach (NatsServer nats in away) nats.Start();
        cluster.WaitUntilReady();
        WaitForDelivered(server, 5_000);
        NatsProbe.Sequence(cluster.LeaderOf("LOGS"), "LOGS").AssertComplete(5_000);
    }

    [Test]
    public void A_leader_that_moves_costs_nothing()
    {
        NatsCluster cluster = Own(new NatsCluster(Directory));
        ServerProcess server = StartEdge(cluster.Addresses, Replicated);
        using SteadyLoad load = new(StreamSender.Unix(Socket, Messages.FrameScanning.Framing.OctetCounted), NumberedMessage.HttpLog, 1_000);
        server.WaitForMetrics(m => m.Sum("concentrator_output_delivered_messages_total") > 0, "the first are delivered");
        for (int move = 0; move < 3; move++)
        {
            NatsServer before = cluster.LeaderOf("LOGS");
            NatsProbe.Ask(before, "$JS.API.STREAM.LEADER.STEPDOWN.LOGS");
            Thread.Sleep(1_000);
        }
        int sent = load.Stop();
        WaitForDelivered(server, sent);
        NatsProbe.Sequence(cluster.LeaderOf("LOGS"), "LOGS").AssertComplete(sent);
    }

    private void KillInTurn(int perSecond, int rounds)
    {
        NatsCluster cluster = Own(new NatsCluster(Directory));
        ServerProcess server = StartEdge(cluster.Addresses, Replicated);
        using SteadyLoad load = new(StreamSender.Unix(Socket, Messages.FrameScanning.Framing.OctetCounted), NumberedMessage.HttpLog, perSecond);
        server.WaitForMetrics(m => m.Sum("concentrator_output_delivered_messages_total") > 0, "the first are delivered");
        for (int round = 0; round < rounds; round++)
        {
            foreach (NatsServer nats in cluster.Servers)
            {
                nats.Kill();
                Thread.Sleep(2_000);
                double before = server.Metrics().Sum("concentrator_output_delivered_messages_total");
                server.WaitForMetrics(m => m.Sum("concentrator_output_delivered_messages_total") > before, "two servers go on", Deadline.Process);
                nats.Start();
                cluster.WaitUntilReady();
                WaitUntilCurrent(cluster, nats);
            }
        }
        int sent = load.Stop();
        WaitForDelivered(server, sent);
        SequenceLedger stored = NatsProbe.Sequence(cluster.LeaderOf("LOGS"), "LOGS");
        stored.AssertComplete(sent);
        TestContext.Out.WriteLine($"{sent} sent; {stored}; known again {server.Metrics().Sum("concentrator_relay_known_publications_total")}, reconnects {server.Metrics().Sum("concentrator_relay_reconnects_total")}");
    }

    /// <summary>Waits until a server that was started again holds the stream: the next kill would otherwise take the quorum.</summary>
    private static void WaitUntilCurrent(NatsCluster cluster, NatsServer nats) => Eventually.Holds(
        () => NatsProbe.Ask(cluster.LeaderOf("LOGS"), "$JS.API.STREAM.INFO.LOGS") is { } info && !info.Contains("\"current\":false", StringComparison.Ordinal) && !info.Contains("\"offline\":true", StringComparison.Ordinal),
        $"{nats.Name} has caught up", Deadline.Process);
}
