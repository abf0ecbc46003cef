using System.CommandLine;
using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Compare;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Bench.Sink;
using Concentrator.Tools.Commands;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Footprint;

/// <summary><c>footprint</c>: measures the server's start time and memory, and the cost of an outage and of many connections.</summary>
internal sealed class FootprintCommand
{
    private const double MaxConnections = 20_000;

    private readonly Option<string?> _binary = new("--binary")
    {
        Description = "Server binary; default: published from source.",
        HelpName = "FILE",
    };

    private readonly Option<double?> _rate = Options.Number("--rate", "Messages per second of steady traffic; default 50k.");
    private readonly Option<double?> _backlog = Options.Number("--backlog", "Messages spooled during the outage; default 2M.");
    private readonly Option<long?> _connections = Options.Whole("--connections", "TCP connections; default 5000.", least: 1);
    private readonly Option<long?> _active = Options.Whole("--active", "Connections that send; default 1000.", least: 1);
    private readonly Option<TimeSpan?> _steady = Options.Duration("--steady", "Duration of the steady traffic; default 60 s.");
    private readonly Option<TimeSpan?> _length = Options.Duration("--duration", "Duration of each flood; default 5 s.");
    private readonly Option<long?> _size = Options.Bytes("--size", "Message size in bytes; default 300.");
    private readonly Option<int?> _batch = Options.Batch();
    private readonly Option<string?> _directory = new("--directory")
    {
        Description = "Directory for the files and the spool; default: the temporary directory.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _json = new("--json") { Description = "Also write the result to this file.", HelpName = "FILE" };

    public static Command Create(TextWriter output)
    {
        FootprintCommand footprint = new();
        Command command = new("footprint", "Measure the server's footprint: start, memory, outages, connections, garbage.")
        {
            footprint._binary, footprint._rate, footprint._backlog, footprint._connections, footprint._active, footprint._steady,
            footprint._length, footprint._size, footprint._batch, footprint._directory, footprint._json,
        };
        command.SetAction((parsed, stop) => Task.Run(() => footprint.Execute(parsed, output, stop), CancellationToken.None));
        return command;
    }

    private int Execute(ParseResult parsed, TextWriter output, CancellationToken stop)
    {
        double rate = parsed.GetValue(_rate) ?? 50_000;
        long connections = parsed.GetValue(_connections) ?? 5000;
        long active = parsed.GetValue(_active) ?? 1000;
        if (connections > MaxConnections) throw new UnusableException($"--connections {connections}: at most {MaxConnections}");
        if (active > connections) throw new UnusableException($"--active {active}: at most --connections {connections}");
        int size = HttpLine.CheckedSize(parsed.GetValue(_size) ?? 300);
        int batch = parsed.GetValue(_batch) ?? 1;

        using BenchDirectory directory = new(parsed.GetValue(_directory));
        ThrowAwayCertificate certificate = new(directory.Path);
        using KernelSetting queue = new(KernelSetting.DatagramQueue);
        ServerBinary binary = ServerBinary.Get(parsed.GetValue(_binary), directory, output);
        int monitoring = FreePort.Next();
        ConcentratorSubject subject = new(binary, monitoringPort: monitoring);
        Machine machine = Machine.Describe();
        output.WriteLine($"concentrator {binary.Version()}; {machine}{Batches.Named(batch)}");
        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        TrialPlace Place(int intake) =>
            new(directory.Fresh("server"), FreePort.Next(), FreePort.Next(), intake, certificate.CaFile);
        RunningServer Start(int intake) => new(subject, Place(intake), monitoring, size, batch);

        Sample start = Starts.Measure(subject, () => Place(FreePort.Next()), stop);
        Line($"start to listening: {start.Median:F0} ms ({start.Least:F0}–{start.Most:F0})");

        int away = FreePort.Next();
        Backlog backlog;
        using (RunningServer server = Start(away))
        {
            backlog = Backlog.Measure(
                server, away, certificate.Server, (long)(parsed.GetValue(_backlog) ?? 2_000_000), rate, stop);
        }
        Line($"an outage of {backlog.Messages:N0} messages at {backlog.LiveRate:N0} msg/s: peak {backlog.PeakMemoryWhileFilling / 1e6:F0} MB");
        Line($"drained at {backlog.DrainRate:N0} msg/s, live traffic included: ×{backlog.DrainRate / backlog.LiveRate:F1}, peak {backlog.PeakMemoryWhileDraining / 1e6:F0} MB, {backlog.Missing} missing");
        ThrowIfStopped(stop);

        using SinkServer sink = SinkServer.OnLoopback(certificate.Server);
        ManyConnections many;
        using (RunningServer server = Start(sink.EndPoint.Port))
        {
            many = ManyConnections.Measure(
                server, sink, (int)connections, (int)active, parsed.GetValue(_length) ?? TimeSpan.FromSeconds(5), stop);
        }
        Line($"one TCP connection: {many.RateOverOne:N0} msg/s; {many.Active:N0} of {many.Connections:N0}: {many.RateOverMany:N0} msg/s (×{many.RateOverMany / many.RateOverOne:F2}), {many.MemoryPerConnection / 1024:F1} KB more per connection, {many.Missing} missing");
        ThrowIfStopped(stop);

        SteadyState steady;
        using (RunningServer server = Start(sink.EndPoint.Port))
        {
            steady = SteadyState.Measure(server, rate, parsed.GetValue(_steady) ?? TimeSpan.FromSeconds(60), stop);
        }
        Line($"{steady.Messages:N0} messages at {steady.Rate:N0} msg/s: {steady.AllocatedPerMessage:F2} bytes allocated per message, collections {string.Join(", ", steady.GarbageCollections.Select((count, generation) => $"gen-{generation} {count}"))}");
        ThrowIfStopped(stop);

        if (parsed.GetValue(_json) is string path)
            JsonReport.Write(path, JsonReport.Of(new { machine, size, batch, startMilliseconds = start, backlog, many, steady }));
        return ExitCodes.Success;
    }

    private static void ThrowIfStopped(CancellationToken stop)
    {
        if (stop.IsCancellationRequested) throw new UnusableException("interrupted");
    }
}
