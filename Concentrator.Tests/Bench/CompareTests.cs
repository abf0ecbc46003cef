using System.Text.Json;
using Concentrator.Bench.Compare;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

/// <summary>That it measures, not what comes out: no time is asserted.</summary>
[TestFixture]
internal sealed class CompareTests
{
    private static readonly string Server = Path.Combine(AppContext.BaseDirectory, "concentrator.dll");

    [Test]
    public async Task Every_program_of_the_machine_goes_through_every_kind_of_traffic()
    {
        using TempDirectory directory = new();
        long queue = KernelSetting.Read(KernelSetting.DatagramQueue);
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
        [
            "compare", "--server", $"new={Server}", "--server", $"old={Server}", "--runs", "1", "--seconds", "200ms", "--warm-up", "200ms",
            "--quiet-seconds", "1", "--rates", "500,2k", "--connections", "3",
            "--scenarios", "pace,pace-udp,pace-tcp,flood,flood-tcp,silence,idle", "--json", directory["compare.json"],
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(directory["compare.json"]));
        JsonElement[] scenarios = [.. report.RootElement.GetProperty("scenarios").EnumerateArray()];
        Assert.That(
            scenarios.Select(static s => s.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "pace", "pace", "pace-udp", "pace-udp", "pace-tcp", "pace-tcp", "flood", "flood-tcp", "silence", "idle" }));
        foreach (JsonElement scenario in scenarios)
        {
            foreach (JsonElement standing in scenario.GetProperty("standings").EnumerateArray())
                AssertSane(standing, scenario.GetProperty("isIdle").GetBoolean());
        }
        Assert.That(output, Does.Not.Contain("batches").And.Contain("new against old: rate ×"));
        Assert.That(SubjectsOf(scenarios[6]), Does.Contain("new").And.Contain("old").And.Contain("bare recvmmsg loop"));
        foreach (string program in new[] { "rsyslog, tuned", "syslog-ng" })
        {
            bool isThere = InstalledProgram.Find(program == "syslog-ng" ? program : "rsyslogd") is not null;
            Assert.That(isThere ? SubjectsOf(scenarios[0]).Contains(program) : output.Contains("skipped: ", StringComparison.Ordinal), output);
        }
        Assert.That(KernelSetting.Read(KernelSetting.DatagramQueue), Is.EqualTo(queue), "the machine has its own value back");
    }

    [Test]
    public async Task A_real_haproxy_stands_before_each_program()
    {
        Peer.Require("haproxy", "haproxy");
        using TempDirectory directory = new();
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
        [
            "compare", "--binary", Server, "--peers", "rsyslog-tuned", "--haproxy", "--runs", "1", "--seconds", "500ms", "--warm-up", "200ms",
            "--request-rates", "200,500", "--json", directory["compare.json"],
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(directory["compare.json"]));
        JsonElement[] scenarios = [.. report.RootElement.GetProperty("scenarios").EnumerateArray()];
        Assert.That(scenarios.Select(static s => s.GetProperty("askedRate").GetDouble()), Is.EqualTo(new double[] { 200, 500 }));
        foreach (JsonElement scenario in scenarios)
        {
            Assert.That(scenario.GetProperty("title").GetString(), Does.Match(@"a real HAProxy \d+\.\d+.*\(own open-loop driver"));
            Assert.That(SubjectsOf(scenario)[0], Is.EqualTo("concentrator"));
            foreach (JsonElement standing in scenario.GetProperty("standings").EnumerateArray()) AssertSane(standing, isIdle: false);
        }
        Assert.That(output, Does.Contain("CPU µs/request").And.Contain("DroppedLogs"));
    }

    [Test]
    public async Task A_comparison_with_a_batching_sender_says_so_in_every_table()
    {
        using TempDirectory directory = new();
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
        [
            "compare", "--binary", Server, "--peers", "none", "--scenarios", "flood,flood-tcp", "--runs", "1", "--seconds", "200ms",
            "--warm-up", "200ms", "--batch", "64", "--json", directory["compare.json"],
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(directory["compare.json"]));
        Assert.That(report.RootElement.GetProperty("settings").GetProperty("batch").GetInt32(), Is.EqualTo(64));
        foreach (JsonElement scenario in report.RootElement.GetProperty("scenarios").EnumerateArray())
            Assert.That(scenario.GetProperty("title").GetString(), Does.Contain("by a sender that batches 64 messages per call"));
        Assert.That(output.Split("by a sender that batches 64 messages per call"), Has.Length.EqualTo(3));
    }

    [Test]
    public async Task Each_build_can_be_measured_over_HTTPS_too()
    {
        using TempDirectory directory = new();
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
        [
            "compare", "--binary", Server, "--https", "--peers", "none", "--scenarios", "pace-tcp", "--rates", "2k", "--runs", "1", "--seconds", "500ms",
            "--warm-up", "200ms", "--json", directory["compare.json"],
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(directory["compare.json"]));
        JsonElement scenario = report.RootElement.GetProperty("scenarios").EnumerateArray().Single();
        Assert.That(SubjectsOf(scenario), Is.EqualTo(new[] { "concentrator", "concentrator https" }));
        foreach (JsonElement standing in scenario.GetProperty("standings").EnumerateArray()) AssertSane(standing, isIdle: false);
    }

    [Test]
    public void A_comparison_shows_medians_with_their_spread_and_each_runs_own_ratio()
    {
        TrialResult Trial(double rate, double cpu) => new()
        {
            Offered = 1000,
            Dropped = 60,
            Arrived = 900,
            Lines = 890,
            SentIn = TimeSpan.FromSeconds(4),
            Took = TimeSpan.FromSeconds(900 / rate),
            Usage = new ProcessUsage(TimeSpan.FromSeconds(5), TimeSpan.FromMicroseconds(cpu * 900), 1800, 40_000_000, 50_000_000),
            Latency = new LatencySummary(900, 1, 2, 3, 4, 5),
        };
        TimeSpan second = TimeSpan.FromSeconds(1);
        Scenario scenario = Scenario.Chosen("pace", new ScenarioSettings(second, second, second, 300, 1, 10, [300], [300], null))[0];
        ServerBinary binary = ServerBinary.At(Server, "the server");
        ScenarioReport report = ScenarioReport.Of(
            scenario,
            [
                (new ConcentratorSubject(binary, "ours"), [Trial(300, 2), Trial(200, 3), Trial(250, 4)]),
                (new ConcentratorSubject(binary, "absent"), []),
                (new RsyslogSubject(tuned: true), [Trial(100, 10), Trial(100, 10), Trial(50, 10)]),
            ]);
        Assert.Multiple(() =>
        {
            Assert.That(report.Standings.Select(static s => s.Subject), Is.EqualTo(new[] { "ours", "rsyslog, tuned" }));
            Assert.That(report.Standings[0].Rate, Is.EqualTo(new Sample(250, 200, 300)).Using<Sample>(Near));
            Assert.That(report.Standings[0].Switches.Median, Is.EqualTo(2).Within(1e-9));
            Assert.That(report.Standings[0].Lost.Median, Is.EqualTo(0.1).Within(1e-9));
            Assert.That(report.Standings[0].FileLost!.Value.Median, Is.EqualTo(10));
            Assert.That(report.Ratios.Single().Rate, Is.EqualTo(new Sample(3, 2, 5)).Using<Sample?>(static (a, b) => Near(a!.Value, b!.Value)));
            Assert.That(report.Ratios.Single().Cpu!.Value.Median, Is.EqualTo(0.3).Within(1e-9));
        });
        using StringWriter text = new();
        ComparisonTable.Write(report, text);
        Assert.That(text.ToString(), Does.Contain("250 (200–300)").And.Contain("10.00"));
        Assert.That(text.ToString(), Does.Contain("ours against rsyslog, tuned: rate ×3.00 (2.00–5.00), CPU a message ×0.30 (0.20–0.40)"));
        Assert.That(text.ToString(), Does.Contain("ours: the sender offered 250 of 300 per second; the machine is saturated"));
    }

    [TestCase("compare --scenarios flight", "--scenarios flight: choose from pace, pace-udp, pace-tcp, flood, flood-tcp, silence, idle, haproxy")]
    [TestCase("compare --haproxy --scenarios pace", "--haproxy and --scenarios exclude each other")]
    [TestCase("compare --peers pigeon", "--peers pigeon: choose from rsyslog-tuned, rsyslog-shipped, syslog-ng, bare, or none")]
    [TestCase("compare --server /bin/true", "--server /bin/true: write NAME=FILE")]
    [TestCase("compare --server a=/nowhere/concentrator", "the file does not exist")]
    [TestCase("compare --server a=/bin/true --server a=/bin/true", "the name a is already used")]
    [TestCase("compare --binary /nowhere/concentrator", "the file does not exist")]
    [TestCase("compare --size 3", "--size 3: ")]
    public async Task What_cannot_be_compared_gets_one_line_and_exit_2(string arguments, string expected)
    {
        (int exitCode, _, string errors) = await BenchProgram.RunAsync(arguments.Split(' '));
        Assert.That(errors.TrimEnd().Split('\n'), Has.Length.EqualTo(1), errors);
        Assert.That(errors, Does.Contain(expected));
        Assert.That(exitCode, Is.EqualTo(2));
    }

    [Test]
    public void A_kernel_setting_is_put_back()
    {
        using KernelSetting around = new(KernelSetting.DatagramQueue);
        using (KernelSetting setting = new(KernelSetting.DatagramQueue))
        {
            if (!setting.TrySet(around.Original + 1)) Assert.Ignore("needs root");
            Assert.That(KernelSetting.Read(KernelSetting.DatagramQueue), Is.EqualTo(around.Original + 1));
        }
        Assert.That(KernelSetting.Read(KernelSetting.DatagramQueue), Is.EqualTo(around.Original));
        Assert.That(KernelSetting.Read("net.core.no_such_setting"), Is.Zero);
    }

    [Test]
    public void A_process_is_metered_to_the_nanosecond_and_with_its_threads_that_end()
    {
        using ProcessMeter meter = new(Environment.ProcessId);
        Thread brief = new(static () => Thread.Sleep(1));
        brief.Start();
        brief.Join();
        ProcessUsage usage = meter.Read();
        Assert.Multiple(() =>
        {
            Assert.That(usage.Cpu, Is.GreaterThan(TimeSpan.Zero));
            Assert.That(usage.Cpu.Ticks % TimeSpan.TicksPerMillisecond, Is.Not.Zero, "not in a clock tick's steps");
            Assert.That(usage.ContextSwitches, Is.GreaterThan(0));
            Assert.That(usage.Memory, Is.GreaterThan(1_000_000));
            Assert.That(usage.PeakMemory, Is.GreaterThanOrEqualTo(usage.Memory));
        });
    }

    [Test]
    public void Switches_of_a_thread_that_has_ended_still_count()
    {
        SwitchCount count = new();
        count.Saw(thread: 7, 100);
        count.Saw(thread: 8, 50);
        count.Forget();
        count.Saw(thread: 7, 110);
        Assert.That(count.Total, Is.EqualTo(10), "8 has ended");
        count.Saw(thread: 8, 3);
        Assert.That(count.Total, Is.EqualTo(13), "8 is another thread now");
    }

    [Test]
    public void What_a_process_uses_is_read_from_the_kernel()
    {
        // Linux numbers processes up to 4,194,304.
        const int Beyond = 5_000_000;
        Assert.Multiple(() =>
        {
            Assert.That(ProcessStatistics.Cpu(Environment.ProcessId), Is.GreaterThan(TimeSpan.Zero));
            Assert.That(ProcessStatistics.Memory(Environment.ProcessId), Is.GreaterThan(1_000_000));
            Assert.That(ProcessStatistics.PeakMemory(Environment.ProcessId), Is.GreaterThan(1_000_000));
            Assert.That(ProcessStatistics.Cpu(Beyond), Is.EqualTo(TimeSpan.Zero));
            Assert.That(ProcessStatistics.PeakMemory(Beyond), Is.Zero);
            Assert.That(ProcessStatistics.ContextSwitches(Beyond), Is.Empty);
        });
    }

    private static string[] SubjectsOf(JsonElement scenario) =>
        [.. scenario.GetProperty("standings").EnumerateArray().Select(static s => s.GetProperty("subject").GetString()!)];

    private static void AssertSane(JsonElement standing, bool isIdle)
    {
        double Median(string name) => standing.GetProperty(name).GetProperty("median").GetDouble();
        Assert.That(Median("peakMemory"), Is.GreaterThan(1e6), standing.ToString());
        Assert.That(Median("memory"), Is.GreaterThan(1e6), standing.ToString());
        Assert.That(Median("cpuMillisecondsPerSecond"), isIdle ? Is.GreaterThanOrEqualTo(0) : Is.GreaterThan(0), standing.ToString());
        foreach (JsonElement trial in standing.GetProperty("trials").EnumerateArray())
        {
            long offered = trial.GetProperty("offered").GetInt64();
            Assert.That(offered, isIdle ? Is.Zero : Is.GreaterThan(0), standing.ToString());
            Assert.That(
                trial.GetProperty("arrived").GetInt64() + trial.GetProperty("lost").GetInt64(), Is.EqualTo(offered), standing.ToString());
            Assert.That(trial.GetProperty("dropped").GetInt64(), Is.LessThanOrEqualTo(trial.GetProperty("lost").GetInt64()));
        }
        if (isIdle) return;
        foreach (string name in new[] { "rate", "cpuMicroseconds", "switches" })
            Assert.That(Median(name), Is.GreaterThan(0), $"{name} of {standing}");
        if (standing.TryGetProperty("p50", out JsonElement p50)) Assert.That(p50.GetProperty("median").GetDouble(), Is.GreaterThan(0));
    }

    private static bool Near(Sample a, Sample b) =>
        Math.Abs(a.Median - b.Median) + Math.Abs(a.Least - b.Least) + Math.Abs(a.Most - b.Most) < 1e-3;
}
