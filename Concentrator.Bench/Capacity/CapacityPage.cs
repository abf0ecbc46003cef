using System.Globalization;
using System.Net;
using System.Text;
using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Capacity;

/// <summary>Renders a <see cref="CapacityReport"/> as one HTML file without external resources.</summary>
internal static class CapacityPage
{
    private const string Style =
        """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 980px; padding: 0 1em; color: #222; background: #fff }
        h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em }
        table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .2em .7em; text-align: right; border-bottom: 1px solid #ddd }
        th { font-weight: 600 } .bad { background: #fdecea } .plots { display: flex; flex-wrap: wrap; gap: 1em }
        svg { border: 1px solid #ddd; max-width: 100% } svg text { font: 11px system-ui, sans-serif; fill: #444 }
        svg .title { font-weight: 600; font-size: 13px }
        svg .x { text-anchor: middle } svg .y { text-anchor: end } svg .grid { stroke: #eee }
        footer { color: #666; font-size: .9em; margin-top: 3em }
        """;

    private static readonly string[] Columns =
        ["msg/s asked", "offered", "lost before the server", "lost inside", "CPU %", "µs a message", "peak MB",
            "p50 ms", "p99 ms", "p99.9 ms"];

    public static string Of(CapacityReport report)
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n")
            .Append("<meta charset=\"utf-8\">\n<title>Concentrator: capacity</title>\n<style>\n")
            .Append(Style).Append("\n</style>\n</head>\n<body>\n<h1>Capacity of this host</h1>\n<ul>\n");
        foreach (string sentence in report.Conclusions) page.Append("<li>").Append(Safe(sentence)).Append("</li>\n");
        page.Append("</ul>\n");
        foreach (IGrouping<string, Series> listener in report.Series.GroupBy(static series => series.Listener))
            AppendListener(page, listener, report.Batch);
        foreach (string skipped in report.Skipped) page.Append("<p>Not measured: ").Append(Safe(skipped)).Append("</p>\n");
        page.Append("<footer>").Append(Safe($"concentrator {report.Version}, {report.Configuration}; probes of "))
            .Append(report.ProbeSeconds.ToString("0.##", CultureInfo.InvariantCulture)).Append(" s. ")
            .Append(Safe(report.Machine.ToString())).Append("</footer>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void AppendListener(StringBuilder page, IGrouping<string, Series> listener, int batch)
    {
        page.Append("<h2>").Append(Safe($"{listener.Key}: {listener.First().Transport}{Batches.Named(batch)}")).Append("</h2>\n<div class=\"plots\">\n");
        page.Append(Plot("Loss", "% of messages", listener, static p => p.Messages == 0 ? null : 100.0 * p.Lost / p.Messages));
        page.Append(Plot("CPU of the server", "% of one processor", listener, static p => p.Cpu * 100));
        page.Append(Plot("Peak memory of the server", "MB", listener, static p => p.PeakMemory / 1e6));
        page.Append(Plot("Latency to the intake, p99", "ms", listener, static p => p.Latency?.P99));
        page.Append("</div>\n");
        foreach (Series series in listener) AppendTable(page, series, batch);
    }

    private static string Plot(string title, string yName, IEnumerable<Series> listener, Func<ProbeResult, double?> value) => SvgPlot.Draw(
        title, "messages a second", yName,
        [.. listener.Select(series => new Curve(
            string.Create(CultureInfo.InvariantCulture, $"{series.Size} bytes"),
            [
                .. series.Probes.Where(p => value(p) is not null).Select(p => (p.Offered, value(p)!.Value)).OrderBy(static p => p.Offered),
            ]))]);

    private static void AppendTable(StringBuilder page, Series series, int batch)
    {
        page.Append("<table><caption>").Append(Safe(CapacityTable.TitleOf(series, batch))).Append("</caption>\n<tr>");
        foreach (string column in Columns) page.Append("<th>").Append(Safe(column)).Append("</th>");
        page.Append("<th></th></tr>\n");
        foreach (ProbeResult p in series.Probes)
        {
            page.Append(p.Passed ? "<tr>" : "<tr class=\"bad\">");
            FormattableString[] cells =
            [
                $"{p.Rate:N0}", $"{p.Offered:N0}", $"{p.LostBefore:N0}", $"{p.LostInside:N0}", $"{p.Cpu * 100:F0}",
                $"{p.CpuMicrosecondsPerMessage:F1}", $"{p.PeakMemory / 1e6:F0}", $"{p.Latency?.P50:F2}", $"{p.Latency?.P99:F2}",
                $"{p.Latency?.P999:F2}",
            ];
            foreach (FormattableString cell in cells)
            {
                page.Append("<td>").Append(cell.ToString(CultureInfo.InvariantCulture)).Append("</td>");
            }
            page.Append("<td>").Append(Safe(CapacityTable.VerdictOf(p))).Append("</td></tr>\n");
        }
        page.Append("</table>\n");
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
