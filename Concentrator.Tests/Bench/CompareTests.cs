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
            "compare", "--binary", Server, "--runs", "1", "--duration", "200ms", "--udp-rate", "2k", "--haproxy-rates", "2k",
            "--latency-rate", "1k", "--json", directory["compare.json"],
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(directory["compare.json"]));
        JsonElement[] scenarios = [.. report.RootElement.GetProperty("scenarios").EnumerateArray()];
        Assert.That(scenarios, Has.Length.EqualTo(5));
        foreach (JsonElement standing in scenarios.SelectMany(static s => s.GetProperty("standings").EnumerateArray()))
        {
            Assert.That(standing.GetProperty("rate").GetProperty("median").GetDouble(), Is.GreaterThan(0), standing.ToString());
            Assert.That(standing.GetProperty("peakMemory").GetProperty("median").GetDouble(), Is.GreaterThan(1e6), standing.ToString());
        }
        JsonElement standings = scenarios[0].GetProperty("standings");
        string[] subjects = [.. standings.EnumerateArray().Select(static s => s.GetProperty("subject").GetString()!)];
        Assert.That(subjects, Does.Contain("concentrator").And.Contain("bare recvmmsg loop"));
        foreach (string program in new[] { "rsyslog, tuned", "syslog-ng" })
        {
            bool isThere = InstalledProgram.Find(program == "syslog-ng" ? program : "rsyslogd") is not null;
            Assert.That(isThere ? subjects.Contains(program) : output.Contains("skipped: ", StringComparison.Ordinal), output);
        }
        Assert.That(KernelSetting.Read(KernelSetting.DatagramQueue), Is.EqualTo(queue), "the machine has its own value back");
    }

    [Test]
    public void A_comparison_shows_medians_with_their_spread_and_each_runs_own_ratio()
    {
        TrialResult Trial(double rate, double cpu) => new()
        {
            Rate = rate,
            CpuMicrosecondsPerMessage = cpu,
            PeakMemory = 50_000_000,
            Offered = 1000,
            Arrived = 900,
            Lines = 890,
            Latency = new LatencySummary(900, 1, 2, 3, 4, 5),
        };
        Scenario scenario = Scenario.All(1, [1], 1)[0];
        ScenarioReport report = ScenarioReport.Of(
            scenario,
            [
                ("ours", [Trial(300, 2), Trial(200, 3), Trial(250, 4)]),
                ("theirs", [Trial(100, 10), Trial(100, 10), Trial(50, 10)]),
                ("absent", []),
            ]);
        Assert.Multiple(() =>
        {
            Assert.That(report.Standings.Select(static s => s.Subject), Is.EqualTo(new[] { "ours", "theirs" }));
            Assert.That(report.Standings[0].Rate, Is.EqualTo(new Sample(250, 200, 300)));
            Assert.That(report.Standings[0].Lost.Median, Is.EqualTo(0.1).Within(1e-9));
            Assert.That(report.Standings[0].FileLost!.Value.Median, Is.EqualTo(10));
            Assert.That(report.Ratios.Single().Rate, Is.EqualTo(new Sample(3, 2, 5)));
            Assert.That(report.Ratios.Single().Cpu.Median, Is.EqualTo(0.3).Within(1e-9));
        });
        using StringWriter text = new();
        ComparisonTable.Write(report, text);
        Assert.That(text.ToString(), Does.Contain("250 (200–300)").And.Contain("10.00"));
        Assert.That(text.ToString(), Does.Contain("ours against theirs: rate ×3.00 (2.00–5.00)"));
    }

    [TestCase("compare --scenarios flight", "unix-dgram, tcp, udp, haproxy, latency")]
    [TestCase("compare --binary /nowhere/concentrator", "there is no such file")]
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
    public void What_a_process_uses_is_read_from_the_kernel()
    {
        Assert.Multiple(() =>
        {
            Assert.That(ProcessStatistics.Cpu(Environment.ProcessId), Is.GreaterThan(TimeSpan.Zero));
            Assert.That(ProcessStatistics.Memory(Environment.ProcessId), Is.GreaterThan(1_000_000));
            Assert.That(ProcessStatistics.PeakMemory(Environment.ProcessId), Is.GreaterThan(1_000_000));
            Assert.That(ProcessStatistics.Cpu(int.MaxValue), Is.EqualTo(TimeSpan.Zero));
            Assert.That(ProcessStatistics.PeakMemory(int.MaxValue), Is.Zero);
        });
    }
}
