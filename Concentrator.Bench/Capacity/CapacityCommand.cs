using System.CommandLine;
using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Cluster;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Configuration.Options;
using Concentrator.Tools.Commands;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Capacity;

/// <summary><c>capacity</c>: finds the rates that this host sustains with the operator's configuration, and their first limit.</summary>
internal sealed class CapacityCommand
{
    /// <summary>The expected rate with a cluster, in messages per second, where none is given.</summary>
    private const double UsualRate = 10_000;

    private readonly Option<string?> _config = new("--config") { Description = "Server configuration; required without --nats.", HelpName = "FILE" };
    private readonly Option<bool> _nats = new("--nats")
    {
        Description = "In place of a configuration: an edge, a cluster of three nats-servers on this machine, and a relay.",
    };

    private readonly Option<string?> _binary = new("--binary")
    {
        Description = "Server binary; default: published from source.",
        HelpName = "FILE",
    };

    private readonly Option<double?> _expected = Options.Number(
        "--expected-rate", "Expected messages per second: also measured, for cost, headroom and outages; default with --nats 10k.");

    private readonly Option<IReadOnlyList<double>?> _sizes = Options.Numbers("--sizes", "Message sizes in bytes; default 300,1000, with --nats 300.");
    private readonly Option<TimeSpan?> _probe = Options.Duration("--probe", "Length of each probe; default 3 s.");
    private readonly Option<TimeSpan?> _warmUp = Options.Duration(
        "--warm-up", "Warm-up at the first rate for each listener, not counted; default 3 s.");

    private readonly Option<double?> _start = Options.Number("--from", "First rate to try; default 4k.");
    private readonly Option<double?> _most = Options.Number("--to", "Highest rate to try; default 1M.");
    private readonly Option<long?> _halvings = Options.Whole("--steps", "Halvings of the gap after the first loss; default 4.");
    private readonly Option<int?> _batch = Options.Batch();
    private readonly Option<long?> _sendBuffer = Options.Bytes(
        "--send-buffer", "The sender's SO_SNDBUF, as with tune.sndbuf.backend of HAProxy; default: the kernel's, as before HAProxy 2.9.");

    private readonly Option<string?> _directory = new("--directory")
    {
        Description = "Directory for files and spool, to select the disk to measure; default: the temporary directory.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Directory for report.json and report.html; default: the current directory.",
        HelpName = "DIR",
    };

    public static Command Create(TextWriter output)
    {
        CapacityCommand capacity = new();
        Command command = new("capacity", "Find the highest rates without loss for a configuration; write a report.")
        {
            capacity._config, capacity._nats, capacity._binary, capacity._expected, capacity._sizes, capacity._probe, capacity._warmUp, capacity._start,
            capacity._most, capacity._halvings, capacity._batch, capacity._sendBuffer, capacity._directory, capacity._out,
        };
        command.SetAction((parsed, stop) => Task.Run(() => capacity.Execute(parsed, output, stop), CancellationToken.None));
        return command;
    }

    private int Execute(ParseResult parsed, TextWriter output, CancellationToken stop)
    {
        string? file = parsed.GetValue(_config);
        bool isScaledOut = parsed.GetValue(_nats);
        if (isScaledOut && file is not null) throw new UnusableException("--config and --nats exclude each other: with --nats the bench writes the configurations");
        if (isScaledOut) NatsCluster.Find();
        else if (file is null) throw new UnusableException("--config is missing: the server's configuration file");
        OperatorConfiguration? configuration = file is null ? null : new(file);
        int[] sizes = [.. (parsed.GetValue(_sizes) ?? (isScaledOut ? [300] : [300, 1000])).Select(static size => (int)size)];
        int shortest = HttpLine.ShortestSize(LoadFormat.Rfc5424);
        if (Array.Exists(sizes, size => size < shortest || size > HttpLine.LongestSize))
            throw new UnusableException($"--sizes: {shortest} to {HttpLine.LongestSize} bytes");
        string reports = parsed.GetValue(_out) ?? ".";
        if (!Directory.Exists(reports)) throw new UnusableException($"--out {reports}: the directory does not exist");

        using BenchDirectory directory = new(parsed.GetValue(_directory));
        ThrowAwayCertificate certificate = new(directory.Path);
        using KernelSetting queue = new(KernelSetting.DatagramQueue);
        ServerBinary binary = ServerBinary.Get(parsed.GetValue(_binary), directory, output);
        CapacityReport report = configuration is null
            ? MeasureScaleOut(parsed, sizes, binary, directory, certificate, output, stop)
            : MeasureListeners(parsed, configuration, file!, sizes, binary, directory, certificate, output, stop);
        report = report with { Conclusions = Conclusions.Of(report) };
        CapacityTable.Write(report, output);
        JsonReport.Write(Path.Combine(reports, "report.json"), JsonReport.Of(report));
        JsonReport.Write(Path.Combine(reports, "report.html"), CapacityPage.Of(report));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"written: {Path.Combine(reports, "report.json")} and report.html"));
        return report.Series.Count > 0 && report.ScaleOut?.Drain.Missing is null or 0 ? ExitCodes.Success : 1;
    }

    private CapacityReport MeasureListeners(
        ParseResult parsed, OperatorConfiguration configuration, string file, int[] sizes, ServerBinary binary, BenchDirectory directory,
        ThrowAwayCertificate certificate, TextWriter output, CancellationToken stop)
    {
        CapacitySearch search = Search(parsed, parsed.GetValue(_expected));
        TimeSpan warmUp = WarmUp(parsed);
        List<string> skipped = [];
        List<Series> series = [];
        using ServerUnderTest server = new(configuration, binary, directory, certificate) { SendBuffer = (int?)parsed.GetValue(_sendBuffer), Batch = BatchOf(parsed) };

        // Described now, because the server has raised the kernel settings it may raise.
        Machine machine = Machine.Describe();
        output.WriteLine($"{file}; {machine}{Batches.Named(BatchOf(parsed))}");
        foreach (ListenerOptions listener in configuration.Options.Listeners)
        {
            if (server.WhyNot(listener, search.FirstRate, warmUp, stop) is { } reason) skipped.Add($"{listener.Name}: {reason}");
            else series.AddRange(sizes.Select(size => search.Run(listener, size, rate => server.Probe(listener, size, rate, search.Length, stop), output, stop)));
            if (stop.IsCancellationRequested) throw new UnusableException("interrupted");
        }
        return Report(parsed, machine, binary, search, Path.GetFileName(file), configuration.Options, series, skipped);
    }

    private CapacityReport MeasureScaleOut(
        ParseResult parsed, int[] sizes, ServerBinary binary, BenchDirectory directory, ThrowAwayCertificate certificate, TextWriter output, CancellationToken stop)
    {
        double rate = parsed.GetValue(_expected) ?? UsualRate;
        CapacitySearch search = Search(parsed, rate);
        ScaleOutRun run = new(binary, directory, certificate, search, WarmUp(parsed), rate, output)
        {
            SendBuffer = (int?)parsed.GetValue(_sendBuffer),
            Batch = BatchOf(parsed),
        };
        ScaleOutResult result = run.Run(sizes, stop);
        return Report(parsed, result.Machine, binary, search, $"{ScaleOutFiles.Edge}.json", result.Edge, result.Series, []) with
        {
            ExpectedRate = rate,
            ScaleOut = result.ScaleOut,
        };
    }

    private CapacityReport Report(
        ParseResult parsed, Machine machine, ServerBinary binary, CapacitySearch search, string configuration, ServerOptions options,
        IReadOnlyList<Series> series, IReadOnlyList<string> skipped) => new()
        {
            Machine = machine,
            Version = binary.Version(),
            Configuration = configuration,
            ProbeSeconds = search.Length.TotalSeconds,
            ExpectedRate = parsed.GetValue(_expected),
            SpoolSize = options.Spool.MaxSize,
            Relays = options.Outputs.OfType<RelayOutputOptions>().Count(),
            SendBuffer = parsed.GetValue(_sendBuffer) is long asked ? SocketLimits.Granted(asked) : KernelSetting.Read(KernelSetting.SendBuffer),
            Batch = BatchOf(parsed),
            Series = series,
            Skipped = skipped,
        };

    private CapacitySearch Search(ParseResult parsed, double? expected) => new(
        parsed.GetValue(_start) ?? 4000, expected, parsed.GetValue(_most) ?? 1e6, (int)(parsed.GetValue(_halvings) ?? 4),
        parsed.GetValue(_probe) ?? TimeSpan.FromSeconds(3));

    private TimeSpan WarmUp(ParseResult parsed) => parsed.GetValue(_warmUp) ?? TimeSpan.FromSeconds(3);

    private int BatchOf(ParseResult parsed) => parsed.GetValue(_batch) ?? 1;
}
