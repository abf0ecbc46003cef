using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Concentrator.Bench.Capacity;
using Concentrator.Bench.Measure;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

/// <summary>That it searches, concludes and reports, not what comes out: no time is asserted.</summary>
[TestFixture]
internal sealed class CapacityTests
{
    [TestCase(100_000)]
    [TestCase(4_000)]
    [TestCase(300)]
    public void The_search_ends_close_below_the_highest_rate_that_passes(double truth)
    {
        List<double> tried = [];
        double found = RateSearch.Run(4000, 1e6, 4, rate =>
        {
            tried.Add(rate);
            return (rate <= truth, false);
        });
        Assert.That(found, Is.LessThanOrEqualTo(truth).And.GreaterThan(truth * 0.8), string.Join(' ', tried));
        Assert.That(tried, Has.Count.LessThan(16));
    }

    [Test]
    public void The_search_stops_where_the_sender_or_the_operator_says_so()
    {
        Assert.That(RateSearch.Run(1000, 1e6, 4, static rate => (true, rate >= 4000)), Is.EqualTo(4000));
        Assert.That(RateSearch.Run(1000, 3000, 4, static _ => (true, false)), Is.EqualTo(3000));
        Assert.That(RateSearch.Run(1000, 1e6, 2, static _ => (false, false)), Is.Zero);
    }

    [TestCase(137, 278)]
    [TestCase(337, 167)]
    [TestCase(937, 93)]
    [TestCase(8037, 13)]
    public void A_send_buffer_holds_as_many_datagrams_as_was_measured(int size, int datagrams) =>
        Assert.That(SocketLimits.BySendBuffer(212_992, size), Is.EqualTo(datagrams));

    [Test]
    public void Conclusions_say_headroom_cost_outage_and_the_first_limit()
    {
        string all = string.Join('\n', Conclusions.Of(Report(queue: 10)));
        Assert.Multiple(() =>
        {
            Assert.That(all, Does.Contain(
                "Listener haproxy (unix-dgram, 300 bytes) sustains 60,000 HAProxy requests per second without loss: 12.0 times the expected 5,000"));
            Assert.That(all, Does.Contain("At 5,000 messages per second, the expected rate, the server uses 10 % of one processor (20.0 µs per message) and 30 MB; "
                + "at 60,000, the highest without loss, 30 % of one processor (5.0 µs per message) and 50 MB."));

            // 1 GB / (5000 × 400 bytes) = 537 s.
            Assert.That(all, Does.Contain("A spool of 1.0 GB absorbs an outage of 0.1 hours at 5,000 messages per second of 395 bytes"));
            Assert.That(all, Does.Contain("the first limit is net.unix.max_dgram_qlen = 10: a sender may be 11 messages"));
            Assert.That(all, Does.Contain("sysctl -w net.unix.max_dgram_qlen=16384"));
        });
        Assert.That(string.Join('\n', Conclusions.Of(Report(queue: 16_384))), Does.Contain(
            "the first limit is the sender's SO_SNDBUF (212,992): a sender may be 167 messages").And.Contain("tune.sndbuf.backend"));
    }

    [Test]
    public void Without_an_expected_rate_the_cost_is_that_of_the_lowest_and_the_highest() =>
        Assert.That(string.Join('\n', Conclusions.Of(Report(queue: 10) with { ExpectedRate = null })), Does.Contain(
            "At 4,000 messages per second, the lowest rate tried, the server uses 8 % of one processor (20.0 µs per message)"));

    [Test]
    public void Rates_have_a_logarithmic_axis()
    {
        Assert.That(LogarithmicSteps.Around([4000, 60_000]), Is.EqualTo(new double[] { 2000, 5000, 10_000, 20_000, 50_000, 100_000 }).Within(1e-6));
        Assert.That(LogarithmicSteps.Around([200, 1e6]), Is.EqualTo(new double[] { 100, 1000, 10_000, 100_000, 1_000_000 }).Within(1e-6));
        Assert.That(LogarithmicSteps.Around([5000]), Is.EqualTo(new double[] { 5000, 10_000 }).Within(1e-6));
        Assert.That(LogarithmicSteps.Around([]), Has.Count.GreaterThan(1));
        string plot = SvgPlot.Draw("t", "x", "y", [new Curve("c", [(100, 1), (1000, 1), (10_000, 1)])]);
        double[] places = [.. XElement.Parse(plot).Elements("circle").Select(static c => double.Parse(c.Attribute("cx")!.Value, CultureInfo.InvariantCulture))];
        Assert.That(places[1] - places[0], Is.EqualTo(places[2] - places[1]).Within(0.2), "each tenfold rate is as far away");
    }

    [Test]
    public void Conclusions_admit_that_nothing_was_carried()
    {
        CapacityReport report = Report(queue: 10) with { Series = [new Series("haproxy", "unix-dgram", 300, 0, [Probe(4000, lost: 5)])] };
        Assert.That(Conclusions.Of(report), Has.Some.Contain("lost messages at every rate").And.Some.Contain("No rate was sustained"));
    }

    [Test]
    public void The_page_loads_nothing_and_is_well_formed()
    {
        CapacityReport report = Report(queue: 10) with { Skipped = ["a <b> & \"c\": no route"] };
        string page = CapacityPage.Of(report with { Conclusions = Conclusions.Of(report) });
        Assert.That(page, Does.Not.Contain("http").And.Not.Contain("<script").And.Not.Contain("src="));
        XDocument xml = XDocument.Parse(page.Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
        Assert.That(xml.Descendants("svg").Count(), Is.EqualTo(4));
        Assert.That(xml.Descendants("circle").Count(), Is.EqualTo(4 * 4));
        Assert.That(xml.Descendants("tr").Count(), Is.EqualTo(1 + 4));
        Assert.That(xml.Descendants("li").Count(), Is.EqualTo((2 * report.Series.Count) + 2));
        foreach (XElement circle in xml.Descendants("circle"))
        {
            Assert.That(double.Parse(circle.Attribute("cx")!.Value, CultureInfo.InvariantCulture), Is.InRange(0, 460));
            Assert.That(double.Parse(circle.Attribute("cy")!.Value, CultureInfo.InvariantCulture), Is.InRange(0, 260));
        }
    }

    [Test]
    public async Task An_operators_configuration_is_measured_without_touching_what_it_names()
    {
        using TempDirectory directory = new();
        using FileStream hold = new(directory.Write("untouched.log", "as it was\n"), FileMode.Open, FileAccess.Read, FileShare.Read);
        (string certificate, string key) = TestCertificates.Server.WritePem(directory.Path, "server");
        string configuration = directory.Write(
            "concentrator.json",
            $$"""
            {
              "Listeners": {
                "haproxy": { "Address": "unix-dgram:{{directory["log"]}}", "Owner": "root" },
                "stream": { "Address": "unix-stream:{{directory["stream"]}}", "Framing": "lf" },
                "udp": { "Address": "udp://192.0.2.1:514" },
                "tls": { "Address": "tls://192.0.2.1:6514", "Tls": { "CertificateFile": "{{certificate}}", "KeyFile": "{{key}}" } },
                "mutual": { "Address": "tls://192.0.2.1:6515",
                  "Tls": { "CertificateFile": "{{certificate}}", "KeyFile": "{{key}}", "ClientCaFile": "{{certificate}}" } },
                "deaf": { "Address": "tcp://192.0.2.1:515" }
              },
              "Outputs": {
                "haproxy.log": { "Type": "file", "Path": "{{directory["untouched.log"]}}" },
                "sekoia": { "Type": "syslog-tls", "Endpoint": [ "intake.invalid:10514", "other.invalid:10514" ],
                  "IntakeKey": "0123456789abcdef" },
                "plain": { "Type": "syslog-tcp", "Endpoint": "plain.invalid:514" }
              },
              "Routes": [
                { "From": [ "deaf" ], "Program": "nobody", "To": [ "haproxy.log" ] },
                { "From": [ "stream" ], "To": [ "haproxy.log", "plain" ] },
                { "From": [ "haproxy", "udp", "tls" ], "To": [ "haproxy.log", "sekoia" ] }
              ],
              "Spool": { "Directory": "{{directory["spool"]}}" }
            }
            """);
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
        [
            "capacity", "--config", configuration, "--binary", Path.Combine(AppContext.BaseDirectory, "concentrator.dll"), "--sizes", "300",
            "--from", "500", "--to", "1000", "--steps", "1", "--send-buffer", "100KB", "--probe", "200ms", "--warm-up", "200ms", "--expected-rate", "100",
            "--batch", "2", "--out", directory.Path,
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(directory["report.json"]));
        JsonElement[] series = [.. report.RootElement.GetProperty("series").EnumerateArray()];
        Assert.Multiple(() =>
        {
            Assert.That(
                series.Select(static s => s.GetProperty("listener").GetString()), Is.EqualTo(new[] { "haproxy", "stream", "tls", "udp" }));
            Assert.That(output, Does.Contain("not measured: mutual: it asks for client certificates"));
            Assert.That(output, Does.Contain("not measured: deaf: no route matches a HAProxy line from it"));
            Assert.That(output, Does.Contain("absorbs an outage of").And.Contain("At 100 messages per second, the expected rate, the server uses "));
            Assert.That(output, Does.Contain("messages of 300 bytes, by a sender that batches 2 messages per call"));
            Assert.That(File.ReadAllText(directory["report.html"]), Does.Contain("<svg"));
            Assert.That(File.ReadAllText(directory["untouched.log"]), Is.EqualTo("as it was\n"));
            Assert.That(Directory.Exists(directory["spool"]), Is.False);
            Assert.That(File.Exists(directory["log"]), Is.False);
        });
        foreach (JsonElement probe in series.SelectMany(static s => s.GetProperty("probes").EnumerateArray()))
            AssertSane(probe);
    }

    private static void AssertSane(JsonElement probe)
    {
        Assert.That(probe.GetProperty("messages").GetInt64(), Is.GreaterThan(0), probe.ToString());
        Assert.That(probe.GetProperty("cpuMicrosecondsPerMessage").GetDouble(), Is.GreaterThan(0), probe.ToString());
        Assert.That(probe.GetProperty("lostBefore").GetInt64(), Is.GreaterThanOrEqualTo(0), probe.ToString());
    }

    [Test]
    public async Task A_relay_that_speaks_RELP_is_not_measured()
    {
        using TempDirectory directory = new();
        File.WriteAllText(directory["c.json"], """
            {
              "Listeners": { "udp": { "Address": "udp://127.0.0.1:5514" } },
              "Outputs": { "siem": { "Type": "relp-tls", "Endpoint": "siem.example:2514" } }
            }
            """);
        (int exitCode, _, string errors) = await BenchProgram.RunAsync(["capacity", "--config", directory["c.json"]]);
        Assert.That(errors, Does.Contain("Outputs:siem is of type relp-tls").And.Contain("measure with syslog-tls"));
        Assert.That(exitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task An_edge_a_cluster_and_a_relay_are_measured_and_everything_arrives()
    {
        Peer.Require("nats-server", "nats-server");
        using TempDirectory directory = new();
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
        [
            "capacity", "--nats", "--binary", Path.Combine(AppContext.BaseDirectory, "concentrator.dll"), "--from", "500", "--to", "1000", "--steps", "1",
            "--probe", "300ms", "--warm-up", "300ms", "--expected-rate", "500", "--out", directory.Path,
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(directory["report.json"]));
        JsonElement[] series = [.. report.RootElement.GetProperty("series").EnumerateArray()];
        JsonElement scaleOut = report.RootElement.GetProperty("scaleOut");
        JsonElement drain = scaleOut.GetProperty("drain");
        JsonElement[] rounds = [.. scaleOut.GetProperty("rounds").EnumerateArray()];
        Assert.Multiple(() =>
        {
            Assert.That(series.Select(static s => s.GetProperty("listener").GetString()), Is.EqualTo(new[] { "syslog-tls", "edge" }));
            Assert.That(drain.GetProperty("messages").GetInt64(), Is.GreaterThan(0));
            Assert.That(drain.GetProperty("missing").GetInt64(), Is.Zero);
            Assert.That(drain.GetProperty("duplicates").GetInt64(), Is.Zero);
            Assert.That(rounds, Has.Length.EqualTo(3));
            Assert.That(output, Does.Contain("messages per second an edge needs").And.Contain("A relay delivers").And.Contain("From edge to receiver"));
        });
        foreach (JsonElement probe in rounds.SelectMany(static r => new[] { r.GetProperty("direct"), r.GetProperty("scaled") })) AssertSane(probe);
        foreach (JsonElement round in rounds)
        {
            Assert.That(round.GetProperty("scaled").GetProperty("clusterCpu").GetDouble(), Is.GreaterThan(0));
            Assert.That(round.GetProperty("scaled").GetProperty("relayCpu").GetDouble(), Is.GreaterThan(0));
        }
    }

    [Test]
    public void Conclusions_say_what_edges_a_cluster_and_relays_need()
    {
        CapacityReport report = Report(queue: 10) with
        {
            Series = [new Series("syslog-tls", "unix-dgram", 300, 60_000, [Probe(4000), Probe(60_000)]), new Series("edge", "unix-dgram", 300, 50_000, [Probe(4000) with { ClusterCpu = 0.2 }, Probe(50_000)])],
            ScaleOut = new ScaleOut
            {
                Nats = "nats-server: v2",
                Replicas = 3,
                Drain = new StreamDrain(1_000_000, 0, 7, 150_000, 6.5, 60_000_000),
                Rounds = [.. ((double[])[0.3, 0.1, 0.2]).Select(static cpu => new ScaleOutRound(
                    Probe(10_000) with { Cpu = 0.1 }, Probe(10_000) with { Cpu = cpu, ClusterCpu = 2 * cpu, RelayCpu = cpu / 2 }))],
            },
        };
        string all = string.Join('\n', Conclusions.Of(report));
        Assert.Multiple(() =>
        {
            Assert.That(all, Does.Contain("For 10,000 messages per second an edge needs 0.20 of a core (20.0 µs per message: 2.00 times as much as over syslog-tls, 10.0 µs), "
                + "the cluster 0.40 of a core (its 3 servers together), and a relay 0.10 of a core."));
            Assert.That(all, Does.Contain("At 4,000 messages per second, the highest rate that both carried, the edge uses 20.0 µs per message, 1.00 times as much as over syslog-tls (20.0 µs); the cluster 0.20 of a core."));
            Assert.That(all, Does.Contain("A relay delivers 150,000 messages per second from a filled stream, at 6.5 µs").And.Contain("Of 1,000,000 messages that the edge had received, 0 are missing; 7 came twice."));
        });
    }

    [TestCase("capacity --nats --config /nowhere.json", "--config and --nats exclude each other")]
    [TestCase("capacity", "--config is missing")]
    [TestCase("capacity --config /nowhere.json", "/nowhere.json")]
    public async Task What_cannot_be_measured_gets_one_line_and_exit_2(string arguments, string expected)
    {
        (int exitCode, _, string errors) = await BenchProgram.RunAsync(arguments.Split(' '));
        Assert.That(errors.TrimEnd().Split('\n'), Has.Length.EqualTo(1), errors);
        Assert.That(errors, Does.Contain(expected));
        Assert.That(exitCode, Is.EqualTo(2));
    }

    private static CapacityReport Report(long queue) => new()
    {
        Machine = new Machine
        {
            Processor = "a processor",
            Processors = 2,
            Memory = 4_000_000_000,
            Kernel = "6.1",
            Runtime = ".NET",
            MeasuredAt = new DateTimeOffset(2026, 11, 22, 6, 13, 25, TimeSpan.Zero),
            DatagramQueue = queue,
            SendBuffer = 212_992,
            LargestReceiveBuffer = 212_992,
        },
        Version = "0",
        Configuration = "concentrator.json",
        ProbeSeconds = 1,
        ExpectedRate = 5000,
        SpoolSize = 1L << 30,
        Relays = 1,
        SendBuffer = 212_992,
        Series = [new Series("haproxy", "unix-dgram", 300, 60_000, [Probe(4000), Probe(5000), Probe(60_000), Probe(64_000, lost: 100)])],
        Skipped = [],
    };

    private static ProbeResult Probe(double rate, long lost = 0) => new()
    {
        Rate = rate,
        Offered = rate,
        Messages = (long)rate,
        LostBefore = lost,
        LostInside = 0,
        Cpu = rate * (rate > 5000 ? 5e-6 : 20e-6),
        PeakMemory = rate > 5000 ? 50_000_000 : 30_000_000,
        Latency = new LatencySummary(1, 1, 2, 3, 4, 5),
        FrameBytes = 395,
    };
}
