using System.CommandLine;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Haproxy;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Tools.Commands;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Compare;

/// <summary>
/// <c>compare</c>: measures the server, other builds of it, and the other programs installed on this machine in the same way. Runs
/// alternate, so that other load on the machine affects all of them.
/// </summary>
internal sealed class CompareCommand
{
    private readonly Option<string?> _binary = new("--binary")
    {
        Description = "Server binary; default without --server: published from source.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _servers = new("--server")
    {
        Description = "A named build of the server; repeat for each build to compare.",
        HelpName = "NAME=FILE",
    };

    private readonly Option<bool> _https = new("--https") { Description = "Measure each build of the server a second time, with an output of type sekoia-https." };

    private readonly Option<string?> _peers = new("--peers")
    {
        Description = $"Some of {string.Join(',', PeerPrograms.Names)}, or none; default: all installed.",
        HelpName = "NAME,NAME",
    };

    private readonly Option<string?> _scenarios = new("--scenarios")
    {
        Description = $"Some of {string.Join(',', Scenario.Names)}; default: all.",
        HelpName = "NAME,NAME",
    };

    private readonly Option<bool> _haproxy = new("--haproxy")
    {
        Description = "Only with a real HAProxy in front of each; same as --scenarios haproxy.",
    };

    private readonly Option<IReadOnlyList<double>?> _requestRates = Options.Numbers(
        "--request-rates", "HTTP requests per second for the scenario haproxy; default 1k,4k.");

    private readonly Option<long?> _runs = Options.Whole("--runs", "Runs of each measurement; default 5.", least: 1);
    private readonly Option<TimeSpan?> _length = Options.Duration("--seconds", "Sending time in each run; default 5.");
    private readonly Option<TimeSpan?> _quiet = Options.Duration("--quiet-seconds", "The same for the scenarios silence and idle; default 10.");
    private readonly Option<TimeSpan?> _warmUp = Options.Duration("--warm-up", "Warm-up with the same traffic before each run, not counted; default 3 s.");
    private readonly Option<IReadOnlyList<double>?> _rates = Options.Numbers("--rates", "Of pace; default 200,1k,5k,20k,50k.");
    private readonly Option<long?> _connections = Options.Whole("--connections", "Of pace-tcp; default 10.", least: 1);
    private readonly Option<long?> _size = Options.Bytes("--size", "Message size in bytes; default 300.");
    private readonly Option<int?> _batch = Options.Batch();
    private readonly Option<long?> _queue = Options.Whole(
        "--qlen", "net.unix.max_dgram_qlen to set before each start; default: the machine's. Restored at the end.", least: 1);

    private readonly Option<string?> _json = new("--json") { Description = "Also write the result to this file.", HelpName = "FILE" };

    public static Command Create(TextWriter output)
    {
        CompareCommand compare = new();
        Command command = new("compare", "Compare the server with other builds of it, rsyslog and syslog-ng.")
        {
            compare._binary, compare._servers, compare._https, compare._peers, compare._scenarios, compare._haproxy, compare._runs, compare._length,
            compare._quiet, compare._warmUp, compare._rates, compare._connections, compare._requestRates, compare._size, compare._batch, compare._queue, compare._json,
        };
        command.SetAction((parsed, stop) => Task.Run(() => compare.Execute(parsed, output, stop), CancellationToken.None));
        return command;
    }

    private int Execute(ParseResult parsed, TextWriter output, CancellationToken stop)
    {
        ScenarioSettings settings = Settings(parsed);
        IReadOnlyList<Scenario> scenarios = Scenarios(parsed, settings, output);
        IReadOnlyList<Subject> peers = PeerPrograms.Chosen(parsed.GetValue(_peers), output);
        long runs = parsed.GetValue(_runs) ?? 5;

        using BenchDirectory directory = new();
        ThrowAwayCertificate certificate = new(directory.Path);
        using KernelSetting queue = new(KernelSetting.DatagramQueue);
        long queueLength = parsed.GetValue(_queue) ?? queue.Original;
        List<ConcentratorSubject> servers = Servers(parsed, directory, output);
        Machine machine = Machine.Describe();
        foreach (ConcentratorSubject server in servers) output.WriteLine($"{server.Name}: version {server.Binary.Version()}");
        output.WriteLine(machine.ToString());

        List<Subject> subjects = [.. servers, .. peers];
        List<ScenarioReport> reports = [];
        foreach (Scenario scenario in scenarios)
        {
            Dictionary<Subject, List<TrialResult>> trials = subjects.ToDictionary(static s => s, static _ => new List<TrialResult>());
            for (int run = 0; run < runs; run++)
            {
                foreach (Subject subject in subjects.Where(subject => subject.Takes(scenario)).ToArray())
                {
                    // The server raises the setting where it may; the next subject must get the machine's value.
                    if (!queue.TrySet(queueLength)) throw new UnusableException($"--qlen {queueLength}: not permitted; run as root");
                    try
                    {
                        trials[subject].Add(new Trial(subject, scenario, settings, directory, certificate).Run(stop));
                    }
                    catch (UnusableException e) when (subject is not ConcentratorSubject && !stop.IsCancellationRequested)
                    {
                        output.WriteLine($"skipped: {e.Message}");
                        subjects.Remove(subject);
                    }
                    if (stop.IsCancellationRequested) throw new UnusableException("interrupted");
                }
            }
            ScenarioReport report = ScenarioReport.Of(
                scenario, [.. trials.Select(static t => (t.Key, (IReadOnlyList<TrialResult>)t.Value))]);
            ComparisonTable.Write(report, output);
            reports.Add(report);
        }
        if (parsed.GetValue(_json) is string path)
            JsonReport.Write(path, JsonReport.Of(new { machine, settings, runs, queueLength, scenarios = reports }));
        return ExitCodes.Success;
    }

    private ScenarioSettings Settings(ParseResult parsed) => new(
        parsed.GetValue(_length) ?? TimeSpan.FromSeconds(5),
        parsed.GetValue(_quiet) ?? TimeSpan.FromSeconds(10),
        parsed.GetValue(_warmUp) ?? TimeSpan.FromSeconds(3),
        HttpLine.CheckedSize(parsed.GetValue(_size) ?? 300),
        parsed.GetValue(_batch) ?? 1,
        (int)(parsed.GetValue(_connections) ?? 10),
        parsed.GetValue(_rates) ?? [200, 1000, 5000, 20_000, 50_000],
        parsed.GetValue(_requestRates) ?? [1000, 4000],
        HaproxyProgram.Path is null ? null : HaproxyProgram.Version());

    private IReadOnlyList<Scenario> Scenarios(ParseResult parsed, ScenarioSettings settings, TextWriter output)
    {
        string? names = parsed.GetValue(_scenarios);
        if (parsed.GetValue(_haproxy)) names = names is null ? Scenario.Haproxy : throw new UnusableException("--haproxy and --scenarios exclude each other");
        IReadOnlyList<Scenario> chosen = Scenario.Chosen(names, settings);
        if (settings.HaproxyVersion is not null || !chosen.Any(static scenario => scenario.IsRealHaproxy)) return chosen;
        if (names is not null) throw new UnusableException(HaproxyProgram.Missing);
        output.WriteLine($"skipped: {HaproxyProgram.Missing}");
        return [.. chosen.Where(static scenario => !scenario.IsRealHaproxy)];
    }

    private List<ConcentratorSubject> Servers(ParseResult parsed, BenchDirectory directory, TextWriter output)
    {
        List<ConcentratorSubject> servers = [];
        string[] named = parsed.GetValue(_servers) ?? [];
        string? binary = parsed.GetValue(_binary);
        if (binary is not null || named.Length == 0)
            servers.Add(new ConcentratorSubject(ServerBinary.Get(binary, directory, output)));
        foreach (string one in named)
        {
            int equals = one.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new UnusableException($"--server {one}: write NAME=FILE");
            string name = one[..equals];
            if (servers.Exists(server => server.Name == name)) throw new UnusableException($"--server {one}: the name {name} is already used");
            servers.Add(new ConcentratorSubject(ServerBinary.At(one[(equals + 1)..], $"--server {one}"), name));
        }
        if (parsed.GetValue(_https)) servers.AddRange([.. servers.Select(static server => new ConcentratorSubject(server.Binary, $"{server.Name} https", isHttps: true))]);
        return servers;
    }
}
