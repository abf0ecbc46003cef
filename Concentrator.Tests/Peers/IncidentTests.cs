using System.Globalization;
using System.Text.Json;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>
/// An incident with everything in it: a real HAProxy under load, a receiver that is away, lines that <c>len</c> cuts, and a ring that overflows.
/// What an operator sees of it on the page, in the terminal and in Grafana agrees with what HAProxy sent, to the message.
/// </summary>
[Parallelizable]
internal sealed class IncidentTests : ServerTests
{
    /// <summary>Where to leave what was seen, for people to read; without it that goes with the test.</summary>
    private const string PicturesVariable = "CONCENTRATOR_TEST_PICTURES";

    private const int Before = 2_000, During = 500, Cut = 5, RingBefore = 10, RingBurst = 30_000, RingAfter = 1_536;

    private int _ringPort, _shortPort;

    [Test]
    public async Task The_page_the_terminal_and_Grafana_show_what_HAProxy_sent_and_what_became_of_it()
    {
        (_ringPort, _shortPort, int overflowing) = (FreePort.Next(), FreePort.Next(), FreePort.Next());
        using HAProxy haproxy = new(new HAProxySetup
        {
            Sections =
            [
                HAProxySetup.Ring("conc", _ringPort, octetCount: true, size: HAProxySetup.SmallRing),
                Frontend("short", _shortPort, "/dev/log len 200 format rfc5424 local0"), Frontend("rung", overflowing, "ring@conc local0"),
            ],
        });
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = Start(new
        {
            Listeners = new { haproxy = new { Address = $"unix-dgram:{haproxy.LogSocket}", haproxy.StatsSocket }, ring = new { Address = $"tcp://127.0.0.1:{_ringPort}", Framing = "octet-counted" } },
            Outputs = new { file = LogFile(Directory), sekoia = Relay(intake, Directory) },
        });
        using Prometheus prometheus = new(Directory, Repository.Sample("prometheus/concentrator.rules.yml"), ("concentrator", server.MonitoringPort));
        haproxy.Request(Before);
        await RequestLongPathsAsync();
        haproxy.WaitForRing(_ringPort);
        (int rung, long lost) = Overflow(server, overflowing);
        server.WaitForMetrics(metrics => metrics.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia")) == metrics.Sum("concentrator_received_messages_total"), "all is delivered");

        intake.Refuse();
        intake.ResetAll();
        server.WaitForMetrics(static metrics => metrics.Sum("concentrator_relay_connected") == 0, "the outage is noticed");
        haproxy.Request(During);

        // A burst may find the socket full: HAProxy counts what it drops then.
        long came = rung - lost, full = 0;
        MetricsSnapshot settled = server.WaitForMetrics(
            metrics => metrics.Sum("concentrator_received_messages_total", ("listener", "haproxy")) + (full = haproxy.DroppedLogs()) == Before + Cut + During
                && metrics.Sum("concentrator_lost_before_messages_total", ("reason", "haproxy_dropped_logs")) == full
                && metrics.Sum("concentrator_output_queued_messages", ("output", "file")) == 0,
            "all is received, or dropped and counted by HAProxy");
        long direct = Before + Cut + During - full, waiting = (long)settled.Sum("concentrator_output_queued_messages", ("output", "sekoia"));
        long notices = (long)settled.Sum("concentrator_received_messages_total", ("listener", "ring")) - came;
        Assert.That(notices, Is.GreaterThan(0), "HAProxy's own notices of its loss");
        string[] facts = [Number(direct), Number(came + notices), Number(lost), Number(waiting)];
        Assert.That(waiting, Is.EqualTo(settled.Sum("concentrator_received_messages_total") - settled.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia"))));

        string page = await PageAsync(server);
        Assert.That(page, Does.Contain("not connected").And.Contain($"{facts[3]} waiting, "));
        AssertAll("page", page,
            $"haproxy\t{facts[0]}\t{facts[0]}\t0\tbalances", $"ring\t{facts[1]}\t{facts[1]}\t0\tbalances",
            $"ring: {facts[2]} lost before they reached it (ring_dropped)", full == 0 ? "" : $"haproxy: {Number(full)} lost before they reached it (haproxy_dropped_logs)",
            $"haproxy, web\t{Number(direct - Cut)}\t{Number(direct - Cut)}", $"haproxy: {Cut} lines cut at ",
            $"haproxy: {Cut} lines (truncated): ", $"ring, rung\t{Number(came)}");
        Assert.That(page, Does.Not.Contain("DOES NOT BALANCE"));

        string status = Terminal(server, "status"), top = Terminal(server, "top", "--once");
        Keep("status.txt", status);
        Keep("top.txt", top);
        AssertAll("status", status, facts[0], facts[1], facts[2], $"{facts[3]} ", "NOT CONNECTED", "(truncated)");
        AssertAll("top", top, facts[0], facts[1], facts[2], "NOT CONNECTED");
        Assert.That(TapOne(haproxy), Does.Contain("GET /?seq=").And.Contain("haproxy"));

        foreach ((string query, double expected) in new (string, double)[]
        {
            ("sum(concentrator_received_messages_total{listener=\"haproxy\"})", direct + 1),
            ("sum(concentrator_lost_before_messages_total{reason=\"ring_dropped\"})", lost),
            ("sum(concentrator_output_queued_messages{output=\"sekoia\"})", waiting + 1),
            ("sum(concentrator_lost_before_messages_total{reason=\"haproxy_dropped_logs\"})", full),
            ("concentrator_relay_connected", 0),
            ("sum(concentrator_haproxy_unreadable_lines_total{kind=\"truncated\"})", Cut),
            ("sum(concentrator_haproxy_frontend_requests_total{frontend=\"web\", code=\"2xx\"})", direct - Cut + 1),
        })
        {
            Eventually.Holds(
                () => prometheus.Query(query) is ([{ } value], null) && value == expected, $"{query} is {expected}", Deadline.Reaction,
                () => string.Join(", ", prometheus.Query(query).Values));
        }
        KeepQueries(prometheus);
    }

    private static string Frontend(string name, int port, string log) => string.Create(CultureInfo.InvariantCulture, $"""
        frontend {name}
            bind 127.0.0.1:{port}
            no log
            log {log}
            option httplog
            http-request return status 200

        """);

    /// <summary>Requests whose lines are longer than 200 bytes.</summary>
    private async Task RequestLongPathsAsync()
    {
        using HttpClient http = new();
        for (int i = 0; i < Cut; i++)
            using (await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_shortPort}/{new string('x', 300)}")))) continue;
    }

    /// <summary>Stops the server while HAProxy logs more than its ring and the sockets hold; returns the lines logged and those that HAProxy announced as lost.</summary>
    private static (int Logged, long Lost) Overflow(ServerProcess server, int port)
    {
        HttpLoad.Run(port, RingBefore, connections: 2, first: 0);
        server.WaitForMetrics(static metrics => metrics.Sum("concentrator_received_messages_total", ("listener", "ring")) == RingBefore, "the ring is connected");
        server.Send(Signal.Stop);
        HttpLoad.Run(port, RingBurst, connections: 4, first: 0);
        server.Send(Signal.Cont);
        int logged = RingBefore + RingBurst;
        long lost = 0;
        Eventually.Holds(
            () =>
            {
                HttpLoad.Run(port, RingAfter, connections: 1, first: 0);
                logged += RingAfter;
                return Eventually.TryHold(
                    () =>
                    {
                        MetricsSnapshot metrics = server.Metrics();
                        lost = (long)metrics.Sum("concentrator_lost_before_messages_total", ("reason", "ring_dropped"));
                        return lost > 0 && metrics.Sum("concentrator_haproxy_frontend_requests_total", ("frontend", "rung")) + lost == logged;
                    },
                    TimeSpan.FromSeconds(2));
            },
            "every line has come or was announced as lost", Deadline.Process);
        return (logged, lost);
    }

    private static async Task<string> PageAsync(ServerProcess server)
    {
        await using Browser browser = await Browser.StartAsync();
        Microsoft.Playwright.IPage page = await browser.OpenAsync(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{server.MonitoringPort}/"));
        await Task.Delay(2_500);
        string text = await page.InnerTextAsync("body");
        Keep("page.txt", text);
        if (Environment.GetEnvironmentVariable(PicturesVariable) is { } pictures) await page.ScreenshotAsync(new() { Path = Path.Combine(pictures, "incident.png"), FullPage = true });
        return text;
    }

    private string Terminal(ServerProcess server, params string[] arguments)
    {
        string monitoring = string.Create(CultureInfo.InvariantCulture, $"--Monitoring:Address=127.0.0.1:{server.MonitoringPort}");
        (int exit, string output, string errors) = ServerProcess.Run(Directory, [.. arguments, "--config", Directory["concentrator.json"], monitoring]);
        Assert.That(exit, Is.Zero, errors);
        return output;
    }

    /// <summary>The next message that HAProxy sends, as a tap shows it.</summary>
    private string TapOne(HAProxy haproxy)
    {
        Task<(int ExitCode, string Output, string Errors)> tapping = Task.Run(
            () => ServerProcess.Run(Directory, "tap", "--limit", "1", "--for", "20s", "--text", "seq=777777", $"--Spool:Directory={Directory["spool"]}", "--config", Directory["concentrator.json"]));
        Thread.Sleep(1500);
        haproxy.Request(1, connections: 1, first: 777_777);
        (int exit, string output, string errors) = tapping.Result;
        Keep("tap.txt", output + errors);
        Assert.That(exit, Is.Zero, errors);
        return output;
    }

    private static void KeepQueries(Prometheus prometheus)
    {
        using JsonDocument dashboard = JsonDocument.Parse(Repository.ReadSample("grafana/concentrator.json"));
        List<string> lines = [];
        foreach (JsonElement panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
        {
            foreach (JsonElement target in panel.GetProperty("targets").EnumerateArray())
            {
                string query = target.GetProperty("expr").GetString()!.Replace("$instance", ".*", StringComparison.Ordinal);
                lines.Add($"{panel.GetProperty("title").GetString()} | {query} | {prometheus.Read(query)}");
            }
        }
        Keep("grafana.txt", string.Join('\n', lines));
    }

    private static void AssertAll(string where, string text, params string[] facts) =>
        Assert.That(facts.Where(fact => !text.Contains(fact, StringComparison.Ordinal)), Is.Empty, $"{where}:\n{text}");

    private static void Keep(string name, string text)
    {
        if (Environment.GetEnvironmentVariable(PicturesVariable) is { } pictures) File.WriteAllText(Path.Combine(pictures, name), text);
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
