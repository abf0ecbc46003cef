using System.Text.Json;
using System.Text.RegularExpressions;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The samples for Prometheus and Grafana, with a real Prometheus, a real HAProxy with its exporter, and a running server.</summary>
internal sealed partial class PrometheusTests : ServerTests
{
    private static string Rules => Repository.Sample("prometheus/concentrator.rules.yml");

    [Test]
    public void The_alert_rules_fire_in_the_cases_that_they_are_for_and_in_no_other()
    {
        Promtool("check", "rules", Rules);
        Promtool("check", "config", Repository.Sample("prometheus/prometheus.yml"));
        Promtool("test", "rules", Repository.Sample("prometheus/concentrator.rules.test.yml"));
    }

    [Test]
    public void Every_alert_has_a_case_and_stands_in_the_guide()
    {
        string[] alerts = [.. Alert().Matches(File.ReadAllText(Rules)).Select(static match => match.Groups[1].Value)];
        Assert.That(alerts, Has.Length.GreaterThan(5));
        string cases = Repository.ReadSample("prometheus/concentrator.rules.test.yml");
        Assert.That(alerts.Where(name => !Regex.IsMatch(cases, $@"alertname: {name}\n +exp_alerts")), Is.Empty, "each is seen to fire");
        string guide = Repository.Read("docs/guide/monitoring.md");
        Assert.That(
            Metric().Matches(File.ReadAllText(Rules)).Select(static match => match.Value).Distinct()
                .Where(name => !guide.Contains(name["concentrator_".Length..], StringComparison.Ordinal)
                    && !name.EndsWith("_accepted_messages_total", StringComparison.Ordinal)
                    && !name.EndsWith("_delivered_messages_total", StringComparison.Ordinal)
                    && !name.EndsWith("_queued_messages", StringComparison.Ordinal)),
            Is.Empty, "the guide says what to alert on");
    }

    [Test]
    public void Every_query_of_the_rules_and_the_dashboard_has_an_answer()
    {
        using HAProxy haproxy = new(new HAProxySetup { Frontend = ["http-request use-service prometheus-exporter if { path /metrics }"] });
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = Start(new
        {
            Listeners = new { haproxy = new { Address = $"unix-dgram:{haproxy.LogSocket}" } },
            Outputs = new { file = LogFile(Directory), sekoia = Relay(intake, Directory) },
        });
        using Prometheus prometheus = new(Directory, Rules, ("concentrator", server.MonitoringPort), ("haproxy", haproxy.Port));
        haproxy.Request(100);

        // Prometheus' own requests are logged too, so traffic goes on, and rates and estimates have two samples soon.
        foreach (string query in Queries())
        {
            Eventually.Holds(
                () => prometheus.Query(query) is ({ Count: > 0 }, null), $"{query} has an answer", Deadline.Transfer,
                () => $"{prometheus.Query(query).Error}\n{prometheus.Describe()}\n{server.Metrics().Text}");
        }
        Assert.That(
            prometheus.Query("""ALERTS{alertstate="firing", alertname!="ConcentratorCertificateExpires"}""").Values, Is.Empty,
            "nothing is wrong, but for the certificate, which the tests have made for a week");
        Assert.That(prometheus.Query("""ALERTS{alertstate="firing", alertname="ConcentratorCertificateExpires", output="sekoia"}""").Values, Has.Count.EqualTo(1));
        Assert.That(
            prometheus.Query("sum(concentrator_output_accepted_messages_total) - 2 * sum(concentrator_received_messages_total)").Values,
            Is.EqualTo(new double[] { 0 }), "each message went to both outputs");
    }

    /// <summary>The expressions of the dashboard, and those of the rules without the comparison that makes them an alert.</summary>
    private static IEnumerable<string> Queries()
    {
        using JsonDocument dashboard = JsonDocument.Parse(Repository.ReadSample("grafana/concentrator.json"));
        string[] shown =
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray())
                .Select(static target => target.GetProperty("expr").GetString()!.Replace("$instance", ".*", StringComparison.Ordinal)
                    // Nothing arrives between two scrapes of a quiet server, so the room may be endless.
                    .Replace(" < Inf", "", StringComparison.Ordinal)),
        ];
        string rules = File.ReadAllText(Rules).Replace("expr: >-\n          ", "expr: ", StringComparison.Ordinal).Replace("\n          -", " -", StringComparison.Ordinal);
        string[] judged = [.. Expression().Matches(rules).Select(static match => match.Groups[1].Value)];
        Assert.That((shown.Length, judged.Length), Is.EqualTo((27, 10)), "expressions that were found");
        return shown.Concat(judged);
    }

    private static void Promtool(params string[] arguments)
    {
        (int exit, string output, string errors) = PeerProcess.Run(new PeerStart { Path = Peer.Require("promtool", "prometheus"), Arguments = arguments });
        Assert.That(exit, Is.Zero, output + errors);
    }

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"\bconcentrator_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"expr: (.+) (?:==|>|<) \d+\n")]
    private static partial Regex Expression();
}
