using System.Globalization;
using Concentrator.Accounting;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Metrics;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed class PrometheusTextTests
{
    private const string Dropped = "concentrator_output_dropped_messages_total";

    [Test]
    public void A_small_ledger_renders_exactly()
    {
        Ledger ledger = new();
        ListenerCounters haproxy = ledger.Listener("haproxy");
        haproxy.Add(new BatchTally { Messages = 10, Bytes = 2500, Malformed = 1, Truncated = 2, Unrouted = 3 });
        haproxy.AddKernelDropped(4);
        haproxy.AddLostBefore(LostBefore.RingDropped, 353);
        haproxy.AddFramingViolation();
        haproxy.AddRefusedConnection();
        haproxy.AddCutConnection(ConnectionCutReason.GaveWay);
        haproxy.AddCutConnection(ConnectionCutReason.GaveWay);
        ledger.Listener("udp").Add(new BatchTally { Messages = 1, Bytes = 100, Unrouted = 1 });
        Change(ledger.Output("file", isRelay: false, 1000), static o =>
        {
            o.AcceptUnsynchronized(200);
            o.DeliverUnsynchronized(1, 200);
        });
        OutputCounters sekoia = ledger.Output("sekoia", isRelay: true, 1000);
        Change(sekoia, static o =>
        {
            for (int i = 0; i < 5; i++) o.AcceptUnsynchronized(100);
            o.DropUnsynchronized(DropReason.QueueFullOldest, 2, 200);
            o.DeliverUnsynchronized(1, 100);
            o.RefuseUnsynchronized(DropReason.Shutdown);
        });
        sekoia.Connected();
        sekoia.Disconnected();
        sekoia.Connected();

        string text = Render(ledger);
        string revision = ProgramVersion.Current.Commit is { } commit ? $",revision=\"{commit}\"" : "";
        int process = text.IndexOf("# HELP process_", StringComparison.Ordinal);
        Assert.That(text[..process], Is.EqualTo($$"""
            # HELP concentrator_received_messages_total Messages received by the listener.
            # TYPE concentrator_received_messages_total counter
            concentrator_received_messages_total{listener="haproxy"} 10
            concentrator_received_messages_total{listener="udp"} 1
            # HELP concentrator_received_bytes_total Bytes of the messages received, without framing.
            # TYPE concentrator_received_bytes_total counter
            concentrator_received_bytes_total{listener="haproxy"} 2500
            concentrator_received_bytes_total{listener="udp"} 100
            # HELP concentrator_routed_messages_total Messages that matched at least one route.
            # TYPE concentrator_routed_messages_total counter
            concentrator_routed_messages_total{listener="haproxy"} 7
            concentrator_routed_messages_total{listener="udp"} 0
            # HELP concentrator_malformed_messages_total Messages with an unparsable header, delivered unchanged.
            # TYPE concentrator_malformed_messages_total counter
            concentrator_malformed_messages_total{listener="haproxy"} 1
            concentrator_malformed_messages_total{listener="udp"} 0
            # HELP concentrator_truncated_messages_total Messages truncated at MaxMessageSize.
            # TYPE concentrator_truncated_messages_total counter
            concentrator_truncated_messages_total{listener="haproxy"} 2
            concentrator_truncated_messages_total{listener="udp"} 0
            # HELP concentrator_kernel_dropped_datagrams_total Datagrams dropped by the kernel before they were read.
            # TYPE concentrator_kernel_dropped_datagrams_total counter
            concentrator_kernel_dropped_datagrams_total{listener="haproxy"} 4
            concentrator_kernel_dropped_datagrams_total{listener="udp"} 0
            # HELP concentrator_lost_before_messages_total Messages lost before they reached the listener, as far as their sender says so, by reason.
            # TYPE concentrator_lost_before_messages_total counter
            concentrator_lost_before_messages_total{listener="haproxy",reason="ring_dropped"} 353
            concentrator_lost_before_messages_total{listener="haproxy",reason="haproxy_dropped_logs"} 0
            concentrator_lost_before_messages_total{listener="haproxy",reason="counter_gap"} 0
            concentrator_lost_before_messages_total{listener="udp",reason="ring_dropped"} 0
            concentrator_lost_before_messages_total{listener="udp",reason="haproxy_dropped_logs"} 0
            concentrator_lost_before_messages_total{listener="udp",reason="counter_gap"} 0
            # HELP concentrator_listener_framing_violations_total Connections reset because of invalid framing.
            # TYPE concentrator_listener_framing_violations_total counter
            concentrator_listener_framing_violations_total{listener="haproxy"} 1
            concentrator_listener_framing_violations_total{listener="udp"} 0
            # HELP concentrator_listener_redelivered_messages_total Messages that a stream had given out before: they may be delivered twice.
            # TYPE concentrator_listener_redelivered_messages_total counter
            concentrator_listener_redelivered_messages_total{listener="haproxy"} 0
            concentrator_listener_redelivered_messages_total{listener="udp"} 0
            # HELP concentrator_listener_unacknowledged Messages of a stream, each perhaps a block of many, that are received and not acknowledged.
            # TYPE concentrator_listener_unacknowledged gauge
            concentrator_listener_unacknowledged{listener="haproxy"} 0
            concentrator_listener_unacknowledged{listener="udp"} 0
            # HELP concentrator_listener_refused_connections_total Connections refused at MaxConnections or MaxConnectionsPerAddress.
            # TYPE concentrator_listener_refused_connections_total counter
            concentrator_listener_refused_connections_total{listener="haproxy"} 1
            concentrator_listener_refused_connections_total{listener="udp"} 0
            # HELP concentrator_listener_cut_connections_total Connections closed by the server, by reason.
            # TYPE concentrator_listener_cut_connections_total counter
            concentrator_listener_cut_connections_total{listener="haproxy",reason="idle"} 0
            concentrator_listener_cut_connections_total{listener="haproxy",reason="gave_way"} 2
            concentrator_listener_cut_connections_total{listener="haproxy",reason="memory"} 0
            concentrator_listener_cut_connections_total{listener="udp",reason="idle"} 0
            concentrator_listener_cut_connections_total{listener="udp",reason="gave_way"} 0
            concentrator_listener_cut_connections_total{listener="udp",reason="memory"} 0
            # HELP concentrator_unrouted_messages_total Messages that matched no route.
            # TYPE concentrator_unrouted_messages_total counter
            concentrator_unrouted_messages_total 4
            # HELP concentrator_output_accepted_messages_total Messages routed to the output: delivered + queued + dropped.
            # TYPE concentrator_output_accepted_messages_total counter
            concentrator_output_accepted_messages_total{output="file"} 1
            concentrator_output_accepted_messages_total{output="sekoia"} 6
            # HELP concentrator_output_delivered_messages_total Messages delivered: written to the file or acknowledged by the peer.
            # TYPE concentrator_output_delivered_messages_total counter
            concentrator_output_delivered_messages_total{output="file"} 1
            concentrator_output_delivered_messages_total{output="sekoia"} 1
            # HELP concentrator_output_truncated_messages_total Messages truncated at the output's MaxFrameSize.
            # TYPE concentrator_output_truncated_messages_total counter
            concentrator_output_truncated_messages_total{output="file"} 0
            concentrator_output_truncated_messages_total{output="sekoia"} 0
            # HELP concentrator_output_dropped_messages_total Messages accepted but dropped before delivery, by reason.
            # TYPE concentrator_output_dropped_messages_total counter
            concentrator_output_dropped_messages_total{output="file",reason="queue_full_oldest"} 0
            concentrator_output_dropped_messages_total{output="file",reason="queue_full_newest"} 0
            concentrator_output_dropped_messages_total{output="file",reason="shutdown"} 0
            concentrator_output_dropped_messages_total{output="file",reason="spool_corrupt"} 0
            concentrator_output_dropped_messages_total{output="file",reason="output_removed"} 0
            concentrator_output_dropped_messages_total{output="file",reason="out_of_memory"} 0
            concentrator_output_dropped_messages_total{output="file",reason="refused"} 0
            concentrator_output_dropped_messages_total{output="sekoia",reason="queue_full_oldest"} 2
            concentrator_output_dropped_messages_total{output="sekoia",reason="queue_full_newest"} 0
            concentrator_output_dropped_messages_total{output="sekoia",reason="shutdown"} 1
            concentrator_output_dropped_messages_total{output="sekoia",reason="spool_corrupt"} 0
            concentrator_output_dropped_messages_total{output="sekoia",reason="output_removed"} 0
            concentrator_output_dropped_messages_total{output="sekoia",reason="out_of_memory"} 0
            concentrator_output_dropped_messages_total{output="sekoia",reason="refused"} 0
            # HELP concentrator_output_queued_messages Messages accepted but not yet delivered.
            # TYPE concentrator_output_queued_messages gauge
            concentrator_output_queued_messages{output="file"} 0
            concentrator_output_queued_messages{output="sekoia"} 2
            # HELP concentrator_output_queued_bytes Bytes of queued messages.
            # TYPE concentrator_output_queued_bytes gauge
            concentrator_output_queued_bytes{output="file"} 0
            concentrator_output_queued_bytes{output="sekoia"} 200
            # HELP concentrator_output_capacity_bytes Capacity of the queue in bytes, used and free.
            # TYPE concentrator_output_capacity_bytes gauge
            concentrator_output_capacity_bytes{output="file"} 1000
            concentrator_output_capacity_bytes{output="sekoia"} 1000
            # HELP concentrator_relay_connected 1 if the relay is connected, otherwise 0.
            # TYPE concentrator_relay_connected gauge
            concentrator_relay_connected{output="sekoia"} 1
            # HELP concentrator_relay_reconnects_total Relay connections that have ended.
            # TYPE concentrator_relay_reconnects_total counter
            concentrator_relay_reconnects_total{output="sekoia"} 1
            # HELP concentrator_relay_known_publications_total Publications that the stream had already: sent again after a lost acknowledgement, and stored once.
            # TYPE concentrator_relay_known_publications_total counter
            concentrator_relay_known_publications_total{output="sekoia"} 0
            # HELP concentrator_log_lines_dropped_total Lines of the server's own log dropped because standard error was not read in time.
            # TYPE concentrator_log_lines_dropped_total counter
            concentrator_log_lines_dropped_total 0
            # HELP concentrator_build_info Always 1; labelled with the version and, if known at build time, the commit.
            # TYPE concentrator_build_info gauge
            concentrator_build_info{version="{{ProgramVersion.Current.Number}}"{{revision}}} 1

            """));
    }

    [Test]
    public void The_process_is_shown_with_plausible_values()
    {
        Dictionary<string, double> series = Parse(Render(new Ledger()));
        double now = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        Assert.Multiple(() =>
        {
            Assert.That(series["process_resident_memory_bytes"], Is.GreaterThan(1_000_000));
            Assert.That(series["process_cpu_seconds_total"], Is.GreaterThan(0));
            Assert.That(series["process_start_time_seconds"], Is.GreaterThan(now - 86_400).And.LessThanOrEqualTo(now + 1));
            Assert.That(series["process_open_fds"], Is.GreaterThan(2));
            Assert.That(series["dotnet_gc_allocated_bytes_total"], Is.GreaterThan(1_000_000));
            Assert.That(series.Keys.Count(static key => key.StartsWith("dotnet_gc_collections_total{generation=", StringComparison.Ordinal)), Is.EqualTo(3));
            Assert.That(series["concentrator_unrouted_messages_total"], Is.Zero);
        });
    }

    [Test]
    public void Labels_are_escaped()
    {
        Ledger ledger = new();
        ledger.Listener("a\"b\\c\nd é");
        Assert.That(Render(ledger), Does.Contain("concentrator_received_messages_total{listener=\"a\\\"b\\\\c\\nd é\"} 0\n"));
    }

    [Test]
    public void A_metric_without_series_has_no_group()
    {
        Assert.That(Render(new Ledger()), Does.Not.Contain("concentrator_relay_connected").And.Not.Contain("{listener"));
    }

    [Test]
    public void Two_servers_in_one_process_do_not_mix()
    {
        Ledger one = new();
        one.Listener("one");
        Ledger two = new();
        two.Listener("two");
        using ServerMetrics other = new(two);
        Assert.That(Render(one), Does.Contain("\"one\"").And.Not.Contain("\"two\""));
    }

    [Test]
    public void Every_scrape_balances_while_the_counters_change()
    {
        Ledger ledger = new();
        OutputCounters output = ledger.Output("o", isRelay: true, 1_000_000);
        ListenerCounters listener = ledger.Listener("l");
        using ServerMetrics metrics = new(ledger);
        using PrometheusText text = new(metrics);
        using CancellationTokenSource stop = new();
        Task[] writers = [.. Enumerable.Range(1, 2).Select(seed => Task.Run(() => Mutate(output, listener, new Random(seed), stop.Token)))];
        try
        {
            double accepted = 0;
            for (int scrape = 0; scrape < 300; scrape++)
            {
                Dictionary<string, double> series = Parse(text.Render());
                accepted = series["concentrator_output_accepted_messages_total{output=\"o\"}"];
                double rest = series["concentrator_output_delivered_messages_total{output=\"o\"}"]
                    + series["concentrator_output_queued_messages{output=\"o\"}"]
                    + series.Where(static s => s.Key.StartsWith(Dropped, StringComparison.Ordinal)).Sum(static s => s.Value);
                Assert.That(accepted, Is.EqualTo(rest));
                double routed = series["concentrator_routed_messages_total{listener=\"l\"}"];
                double unrouted = series["concentrator_unrouted_messages_total"];
                Assert.That(series["concentrator_received_messages_total{listener=\"l\"}"], Is.EqualTo(routed + unrouted));
                if (scrape == 0) SpinWait.SpinUntil(() => output.Read().Accepted > 1000);
            }

            Assert.That(accepted, Is.GreaterThan(1000));
        }
        finally
        {
            stop.Cancel();
            Task.WaitAll(writers);
        }
    }

    private static void Mutate(OutputCounters output, ListenerCounters listener, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            listener.Add(new BatchTally { Messages = 3, Unrouted = random.Next(4) });
            using (output.Gate.Enter())
            {
                // Only what is queued can leave: ten bytes a message.
                output.AcceptUnsynchronized(10);
                if (random.Next(3) == 0) output.RefuseUnsynchronized(DropReason.QueueFullNewest);
                long queued = output.Read().QueuedBytes / 10;
                if (queued > 20) output.DeliverUnsynchronized(queued / 2, queued / 2 * 10);
                else if (random.Next(5) == 0) output.DropUnsynchronized(DropReason.QueueFullOldest, 1, 10);
            }
        }
    }

    private static void Change(OutputCounters output, Action<OutputCounters> change)
    {
        using (output.Gate.Enter()) change(output);
    }

    private static string Render(Ledger ledger)
    {
        using ServerMetrics metrics = new(ledger);
        using PrometheusText text = new(metrics);
        text.Render();
        return text.Render();
    }

    /// <summary>Series to value. The last blank of a line separates them.</summary>
    private static Dictionary<string, double> Parse(string text) => text.Split('\n')
        .Where(static line => line.Length != 0 && line[0] != '#')
        .ToDictionary(
            static line => line[..line.LastIndexOf(' ')],
            static line => double.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture));
}
