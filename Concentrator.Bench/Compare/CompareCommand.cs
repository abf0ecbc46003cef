using System.CommandLine;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Commands;

namespace Concentrator.Bench.Compare;

/// <summary>
/// <c>compare</c>: the same measurement of the server and of the other programs that this machine has. Runs alternate, so that
/// whatever else the machine does meanwhile touches all of them.
/// </summary>
internal sealed class CompareCommand
{
    private readonly Option<string?> _binary = new("--binary")
    {
        Description = "The server; default: published from source.",
        HelpName = "FILE",
    };

    private readonly Option<long?> _runs = Options.Whole("--runs", "Of each measurement; default 5.", least: 1);
    private readonly Option<TimeSpan?> _length = Options.Duration("--duration", "Of sending, in each run; default 5 s.");
    private readonly Option<long?> _size = Options.Bytes("--size", "Bytes of a message; default 300.");
    private readonly Option<string?> _scenarios = new("--scenarios")
    {
        Description = "Some of unix-dgram,tcp,udp,haproxy,latency; default all.",
        HelpName = "NAME,NAME",
    };

    private readonly Option<double?> _udpRate = Options.Number("--udp-rate", "Default 50k.");
    private readonly Option<IReadOnlyList<double>?> _haproxyRates = Options.Numbers("--haproxy-rates", "Default 50k,100k.");
    private readonly Option<double?> _latencyRate = Options.Number("--latency-rate", "Default 50k.");
    private readonly Option<long?> _queue = Options.Whole(
        "--qlen", "net.unix.max_dgram_qlen before each start; default: what the machine has. Put back at the end.", least: 1);

    private readonly Option<string?> _json = new("--json") { Description = "Also write the result there.", HelpName = "FILE" };

    public static Command Create(TextWriter output)
    {
        CompareCommand compare = new();
        Command command = new("compare", "Measure the server beside rsyslog and syslog-ng.")
        {
            compare._binary, compare._runs, compare._length, compare._size, compare._scenarios, compare._udpRate,
            compare._haproxyRates, compare._latencyRate, compare._queue, compare._json,
        };
        command.SetAction((parsed, stop) => Task.Run(() => compare.Execute(parsed, output, stop), CancellationToken.None));
        return command;
    }

    private int Execute(ParseResult parsed, TextWriter output, CancellationToken stop)
    {
        IReadOnlyList<Scenario> scenarios = Scenarios(parsed);
        int size = HttpLine.CheckedSize(parsed.GetValue(_size) ?? 300);
        TrialSettings settings = new(parsed.GetValue(_length) ?? TimeSpan.FromSeconds(5), size);
        long runs = parsed.GetValue(_runs) ?? 5;

        using BenchDirectory directory = new();
        using ThrowAwayCertificate certificate = ThrowAwayCertificate.In(directory);
        using KernelSetting queue = new(KernelSetting.DatagramQueue);
        long queueLength = parsed.GetValue(_queue) ?? queue.Original;
        ServerBinary binary = ServerBinary.Get(parsed.GetValue(_binary), directory, output);
        List<Subject> subjects = Present(
            [
                new ConcentratorSubject(binary), new RsyslogSubject(tuned: true), new RsyslogSubject(tuned: false), new SyslogNgSubject(),
                new BareSubject(),
            ],
            output);
        Machine machine = Machine.Describe();
        output.WriteLine($"concentrator {binary.Version()}; {machine}");

        List<ScenarioReport> reports = [];
        foreach (Scenario scenario in scenarios)
        {
            Dictionary<Subject, List<TrialResult>> trials = subjects.ToDictionary(static s => s, static _ => new List<TrialResult>());
            for (int run = 0; run < runs; run++)
            {
                foreach (Subject subject in subjects.Where(subject => subject.Takes(scenario)).ToArray())
                {
                    // The server raises it where it may; the next subject gets what the machine has.
                    if (!queue.TrySet(queueLength)) throw new UnusableException($"--qlen {queueLength}: not permitted; run as root");
                    try
                    {
                        trials[subject].Add(new Trial(subject, scenario, settings, directory, certificate).Run(stop));
                    }
                    catch (UnusableException e) when (subject != subjects[0] && !stop.IsCancellationRequested)
                    {
                        output.WriteLine($"skipped: {e.Message}");
                        subjects.Remove(subject);
                    }
                    if (stop.IsCancellationRequested) throw new UnusableException("interrupted");
                }
            }
            ScenarioReport report = ScenarioReport.Of(
                scenario, [.. trials.Select(static t => (t.Key.Name, (IReadOnlyList<TrialResult>)t.Value))]);
            ComparisonTable.Write(report, output);
            reports.Add(report);
        }
        if (parsed.GetValue(_json) is string path)
            JsonReport.Write(path, JsonReport.Of(new { machine, settings, runs, queueLength, scenarios = reports }));
        return ExitCodes.Success;
    }

    private static List<Subject> Present(IEnumerable<Subject> all, TextWriter output)
    {
        List<Subject> present = [];
        foreach (Subject subject in all)
        {
            if (subject.Missing is null) present.Add(subject);
            else output.WriteLine($"skipped: {subject.Missing}");
        }
        return present;
    }

    private IReadOnlyList<Scenario> Scenarios(ParseResult parsed)
    {
        IReadOnlyList<Scenario> all = Scenario.All(
            parsed.GetValue(_udpRate) ?? 50_000,
            parsed.GetValue(_haproxyRates) ?? [50_000, 100_000],
            parsed.GetValue(_latencyRate) ?? 50_000);
        if (parsed.GetValue(_scenarios) is not string names) return all;
        string[] wanted = names.Split(',');
        string? unknown = Array.Find(wanted, name => all.All(scenario => scenario.Name != name));
        if (unknown is not null)
            throw new UnusableException($"--scenarios {unknown}: there are {string.Join(", ", all.Select(static s => s.Name).Distinct())}");
        return [.. all.Where(scenario => wanted.Contains(scenario.Name, StringComparer.Ordinal))];
    }
}
