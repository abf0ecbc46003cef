using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Telemetry.Metrics;
using NUnit.Framework;

namespace Concentrator.Tests.Insight;

/// <summary>The text that a Prometheus gets of HAProxy's lines.</summary>
internal sealed class HAProxyMetricsTests
{
    [Test]
    public void A_few_requests_render_exactly()
    {
        Ledger ledger = new();
        ledger.Listener("quiet");
        TrafficInsight insight = ledger.Listener("haproxy").Insight;
        TrafficShard shard = insight.Borrow();
        shard.AddLine();
        shard.AddLine();
        shard.CountersOf("web"u8, "app"u8).Add(StatusClasses.NumberOf(200), 3, 1500, TerminationStates.NumberOf((byte)'-', (byte)'-'));
        shard.CountersOf("web"u8, "app"u8).Add(StatusClasses.NumberOf(503), -1, 0, TerminationStates.NumberOf((byte)'S', (byte)'C'));
        shard.AddUnreadable(UnreadableKind.Clf);
        insight.Return(shard);
        string text = Render(ledger);
        int first = text.IndexOf("# HELP concentrator_haproxy_", StringComparison.Ordinal);
        int last = text.IndexOf("# HELP concentrator_build_info", StringComparison.Ordinal);
        Assert.That(text[first..last], Is.EqualTo("""
            # HELP concentrator_haproxy_lines_total Lines of HAProxy received.
            # TYPE concentrator_haproxy_lines_total counter
            concentrator_haproxy_lines_total{listener="haproxy"} 2
            # HELP concentrator_haproxy_frontend_requests_total Requests in lines of HAProxy by frontend and status class.
            # TYPE concentrator_haproxy_frontend_requests_total counter
            concentrator_haproxy_frontend_requests_total{listener="haproxy",frontend="web",code="2xx"} 1
            concentrator_haproxy_frontend_requests_total{listener="haproxy",frontend="web",code="5xx"} 1
            # HELP concentrator_haproxy_backend_requests_total Requests in lines of HAProxy by backend and status class.
            # TYPE concentrator_haproxy_backend_requests_total counter
            concentrator_haproxy_backend_requests_total{listener="haproxy",backend="app",code="2xx"} 1
            concentrator_haproxy_backend_requests_total{listener="haproxy",backend="app",code="5xx"} 1
            # HELP concentrator_haproxy_frontend_terminations_total Requests in lines of HAProxy by frontend and the first two characters of the termination state.
            # TYPE concentrator_haproxy_frontend_terminations_total counter
            concentrator_haproxy_frontend_terminations_total{listener="haproxy",frontend="web",state="--"} 1
            concentrator_haproxy_frontend_terminations_total{listener="haproxy",frontend="web",state="SC"} 1
            # HELP concentrator_haproxy_response_time_seconds Time until the server's response (Tr) in lines of HAProxy.
            # TYPE concentrator_haproxy_response_time_seconds histogram
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.001"} 0
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.002"} 0
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.005"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.01"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.02"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.05"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.1"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.2"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="0.5"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="1"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="2"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="5"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="10"} 1
            concentrator_haproxy_response_time_seconds_bucket{listener="haproxy",frontend="web",le="+Inf"} 1
            concentrator_haproxy_response_time_seconds_sum{listener="haproxy",frontend="web"} 0.003
            concentrator_haproxy_response_time_seconds_count{listener="haproxy",frontend="web"} 1
            # HELP concentrator_haproxy_active_time_seconds Time of the whole request (Ta) in lines of HAProxy.
            # TYPE concentrator_haproxy_active_time_seconds histogram
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.001"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.002"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.005"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.01"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.02"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.05"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.1"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.2"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="0.5"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="1"} 1
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="2"} 2
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="5"} 2
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="10"} 2
            concentrator_haproxy_active_time_seconds_bucket{listener="haproxy",frontend="web",le="+Inf"} 2
            concentrator_haproxy_active_time_seconds_sum{listener="haproxy",frontend="web"} 1.5
            concentrator_haproxy_active_time_seconds_count{listener="haproxy",frontend="web"} 2
            # HELP concentrator_haproxy_missing_times_total Requests in lines of HAProxy whose time is -1, because it did not come to that.
            # TYPE concentrator_haproxy_missing_times_total counter
            concentrator_haproxy_missing_times_total{listener="haproxy",frontend="web",time="Tr"} 1
            concentrator_haproxy_missing_times_total{listener="haproxy",frontend="web",time="Ta"} 0
            # HELP concentrator_haproxy_unreadable_lines_total Lines of HAProxy that Sekoia.io's parser does not read, by kind.
            # TYPE concentrator_haproxy_unreadable_lines_total counter
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="tcplog"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="clf"} 1
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="json"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="custom"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="uri"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="unix_client"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="truncated"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="httpslog_tls_version"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="health"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="state"} 0
            concentrator_haproxy_unreadable_lines_total{listener="haproxy",kind="ring_notice"} 0
            # HELP concentrator_haproxy_cut_lines_total Lines of HAProxy cut by the limit of their sender (len, maxlen).
            # TYPE concentrator_haproxy_cut_lines_total counter
            concentrator_haproxy_cut_lines_total{listener="haproxy"} 0

            """));
    }

    [Test]
    public void Series_are_bounded_whatever_names_come()
    {
        Ledger ledger = new();
        TrafficInsight insight = ledger.Listener("haproxy").Insight;
        TrafficShard shard = insight.Borrow();
        for (int n = 0; n < 5000; n++)
        {
            byte[] name = [.. "name"u8, .. System.Text.Encoding.ASCII.GetBytes($"{n}")];
            shard.CountersOf(name, name).Add(n % StatusClasses.Count, n, n, n % TerminationStates.Count);
        }
        insight.Return(shard);
        Assert.That(Render(ledger).Split('\n').Count(static line => line.Contains("{listener=\"haproxy\",frontend=", StringComparison.Ordinal)), Is.LessThan(101 * (7 + 97 + 2 * 16 + 2)));
        Assert.That(Render(ledger).Split('\n').Count(static line => line.Contains("{listener=\"haproxy\",backend=", StringComparison.Ordinal)), Is.LessThanOrEqualTo(201 * 7));
    }

    private static string Render(Ledger ledger)
    {
        using ServerMetrics metrics = new(ledger);
        using PrometheusText text = new(metrics);
        return text.Render();
    }
}
