using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;
using Spectre.Console;

namespace Concentrator.Bench.Capacity;

/// <summary>Renders a <see cref="CapacityReport"/> on the terminal.</summary>
internal static class CapacityTable
{
    public static void Write(CapacityReport report, TextWriter output)
    {
        IAnsiConsole console = Terminal.On(output);
        foreach (Series series in report.Series)
        {
            Table table = new() { Title = new TableTitle(Markup.Escape(TitleOf(series, report.Batch))), Border = TableBorder.Simple };
            string[] columns = ["msg/s asked", "offered", "lost before", "lost inside", "CPU %", "µs/msg", "peak MB",
                "p50 ms", "p99 ms", ""];
            foreach (string column in columns) table.AddColumn(new TableColumn(column) { Alignment = Justify.Right, NoWrap = true });
            foreach (ProbeResult probe in series.Probes)
            {
                table.AddRow(
                    Text($"{probe.Rate:N0}"), Text($"{probe.Offered:N0}"), Text($"{probe.LostBefore:N0}"), Text($"{probe.LostInside:N0}"),
                    Text($"{probe.Cpu * 100:F0}"), Text($"{probe.CpuMicrosecondsPerMessage:F1}"), Text($"{probe.PeakMemory / 1e6:F0}"),
                    Text($"{probe.Latency?.P50:F2}"), Text($"{probe.Latency?.P99:F2}"), Markup.Escape(VerdictOf(probe)));
            }
            console.Write(table);
        }
        foreach (string skipped in report.Skipped) output.WriteLine($"not measured: {skipped}");
        output.WriteLine();
        foreach (string sentence in report.Conclusions) output.WriteLine($"- {sentence}");
    }

    public static string TitleOf(Series series, int batch) =>
        Text($"{series.Listener}: {series.Transport}, messages of {series.Size} bytes") + Batches.Named(batch);

    public static string VerdictOf(ProbeResult probe) =>
        probe.Failure ?? (probe.Lost > 0 ? "loss" : probe.SenderIsLimit ? "limited by the sender" : "nothing lost");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
