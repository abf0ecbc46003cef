using System.Globalization;
using Concentrator.Bench.Measure;
using Spectre.Console;

namespace Concentrator.Bench.Compare;

/// <summary>A <see cref="ScenarioReport"/> for people.</summary>
internal static class ComparisonTable
{
    public static void Write(ScenarioReport report, TextWriter output)
    {
        IAnsiConsole console = Terminal.On(output);
        Table table = new() { Title = new TableTitle(Markup.Escape(report.Title)), Border = TableBorder.Simple };
        string[] columns = ["", "msg/s", "CPU µs/msg", "peak MB", "lost %", "not in file", "p50 ms", "p99 ms", "p99.9 ms"];
        foreach (string column in columns)
            table.AddColumn(new TableColumn(column) { Alignment = column.Length == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (Standing standing in report.Standings)
        {
            table.AddRow(
                Markup.Escape(standing.Subject), Show(standing.Rate, 1, "N0"), Show(standing.CpuMicroseconds, 1, "F2"),
                Show(standing.PeakMemory, 1 / 1e6, "F0"), Show(standing.Lost, 100, "F2"), Show(standing.FileLost, 1, "N0"),
                Show(standing.P50, 1, "F2"), Show(standing.P99, 1, "F2"), Show(standing.P999, 1, "F2"));
        }
        console.Write(table);
        foreach (Ratio ratio in report.Ratios)
        {
            output.WriteLine($"  {report.Standings[0].Subject} against {ratio.Against}: rate {Times(ratio.Rate)}, "
                + $"CPU a message {Times(ratio.Cpu)}, peak memory {Times(ratio.Memory)}");
        }
        output.WriteLine();
    }

    private static string Times(Sample sample) => "×" + Show(sample, 1, "F2");

    /// <summary>The median, and behind it the least and the most where these differ.</summary>
    private static string Show(Sample? sample, double factor, string format)
    {
        if (sample is not { } one) return "-";
        string Text(double value) => (value * factor).ToString(format, CultureInfo.InvariantCulture);
        return one.Least == one.Most ? Text(one.Median) : $"{Text(one.Median)} ({Text(one.Least)}–{Text(one.Most)})";
    }
}
