using System.Globalization;
using Concentrator.Bench.Measure;
using Spectre.Console;

namespace Concentrator.Bench.Compare;

/// <summary>Renders a <see cref="ScenarioReport"/> as text.</summary>
internal static class ComparisonTable
{
    /// <summary>The minimum share of the requested rate. Below it, the measurement is of another rate.</summary>
    private const double EnoughOffered = 0.95;

    private static readonly Column[] OfTraffic =
    [
        new("msg/s", static s => s.Rate, 1, "N0"),
        new("CPU µs/msg", static s => s.CpuMicroseconds, 1, "F2"),
        new("switches/msg", static s => s.Switches, 1, "F2"),
        new("p50 ms", static s => s.P50, 1, "F2"),
        new("p99 ms", static s => s.P99, 1, "F2"),
        new("lost %", static s => s.Lost, 100, "F2"),
        new("not in file", static s => s.FileLost, 1, "N0"),
        new("MB", static s => s.Memory, 1e-6, "F0"),
        new("peak MB", static s => s.PeakMemory, 1e-6, "F0"),
    ];

    private static readonly Column[] OfHaproxy =
    [
        new("requests/s", static s => s.Rate, 1, "N0"),
        new("CPU µs/request", static s => s.CpuMicroseconds, 1, "F2"),
        new("switches/request", static s => s.Switches, 1, "F2"),
        new("p50 ms", static s => s.P50, 1, "F2"),
        new("p99 ms", static s => s.P99, 1, "F2"),
        new("lost %", static s => s.Lost, 100, "F2"),
        new("DroppedLogs", static s => s.Dropped, 1, "N0"),
        new("not in file", static s => s.FileLost, 1, "N0"),
        new("MB", static s => s.Memory, 1e-6, "F0"),
        new("peak MB", static s => s.PeakMemory, 1e-6, "F0"),
    ];

    private static readonly Column[] OfIdleness =
    [
        new("switches/s", static s => s.SwitchesPerSecond, 1, "F1"),
        new("CPU ms/s", static s => s.CpuMillisecondsPerSecond, 1, "F2"),
        new("MB", static s => s.Memory, 1e-6, "F0"),
        new("peak MB", static s => s.PeakMemory, 1e-6, "F0"),
    ];

    public static void Write(ScenarioReport report, TextWriter output)
    {
        IAnsiConsole console = Terminal.On(output);
        Table table = new() { Title = new TableTitle(Markup.Escape(report.Title)), Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("") { NoWrap = true });
        Column[] columns = report.IsIdle ? OfIdleness : report.IsRealHaproxy ? OfHaproxy : OfTraffic;
        foreach (Column column in columns) table.AddColumn(new TableColumn(column.Name) { Alignment = Justify.Right, NoWrap = true });
        foreach (Standing standing in report.Standings)
            table.AddRow([Markup.Escape(standing.Subject), .. columns.Select(c => Show(c.Value(standing), c.Factor, c.Format))]);
        console.Write(table);
        foreach (Standing standing in report.Standings.Where(s => s.OfferedRate.Median < report.AskedRate * EnoughOffered))
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {standing.Subject}: the sender offered {standing.OfferedRate.Median:N0} of {report.AskedRate:N0} per second; the machine is saturated"));
        }
        foreach (Ratio ratio in report.Ratios)
        {
            string rate = ratio.Rate is null ? "" : $"rate {Times(ratio.Rate)}, ";
            string unit = report.IsIdle ? "a second" : report.IsRealHaproxy ? "a request" : "a message";
            output.WriteLine($"  {ratio.Subject} against {ratio.Against}: {rate}"
                + $"CPU {unit} {Times(ratio.Cpu)}, switches {Times(ratio.Switches)}, peak memory {Times(ratio.Memory)}");
        }
        output.WriteLine();
    }

    private static string Times(Sample? sample) => sample is null ? "-" : "×" + Show(sample, 1, "F2");

    /// <summary>The median, followed by minimum and maximum if they differ.</summary>
    private static string Show(Sample? sample, double factor, string format)
    {
        if (sample is not { } one) return "-";
        string Text(double value) => (value * factor).ToString(format, CultureInfo.InvariantCulture);
        return one.Least == one.Most ? Text(one.Median) : $"{Text(one.Median)} ({Text(one.Least)}–{Text(one.Most)})";
    }

    private sealed record Column(string Name, Func<Standing, Sample?> Value, double Factor, string Format);
}
