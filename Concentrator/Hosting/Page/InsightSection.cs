using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;

namespace Concentrator.Hosting.Page;

/// <summary>What HAProxy's lines say: requests of each frontend by status, and the lines that Sekoia.io will not read. Hidden until one has come.</summary>
internal sealed class InsightSection(Html html, PageMoment moment)
{
    /// <summary>Rows; the metrics have the rest.</summary>
    private const int Most = 20;

    private static readonly string[] Columns = ["2xx", "3xx", "4xx", "5xx", "none", "tcp"];

    public void Add()
    {
        (string Name, TrafficSnapshot Traffic)[] seen =
        [
            .. moment.Listeners.Select(static listener => (listener.Name, Traffic: listener.Insight?.Read()))
                .Where(static pair => pair.Traffic is not null).Select(static pair => (pair.Name, pair.Traffic!)),
        ];
        html.AddTrusted(seen.Length == 0
            ? "<section id=\"insight\" aria-labelledby=\"lines\" hidden><h2 id=\"lines\">What HAProxy's lines say</h2>"
            : "<section id=\"insight\" aria-labelledby=\"lines\"><h2 id=\"lines\">What HAProxy's lines say</h2>");
        AddFrontends(seen);
        AddUnreadable(seen);
        html.AddTrusted("</section>");
    }

    private void AddFrontends((string Name, TrafficSnapshot Traffic)[] seen)
    {
        html.AddTrusted("<h3>Requests by frontend</h3><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Requests by frontend\"><table><thead><tr>");
        foreach (string head in (string[])["listener, frontend", "requests", .. Columns]) html.Add($"<th scope=\"col\">{head}</th>");
        html.AddTrusted("</tr></thead><tbody id=\"frontends\">");
        foreach ((string listener, FrontendSnapshot frontend) in seen
            .SelectMany(static pair => pair.Traffic.Frontends.Select(frontend => (pair.Name, Frontend: frontend)))
            .OrderByDescending(static pair => pair.Frontend.Requests.Sum()).Take(Most))
        {
            html.Add($"<tr><th scope=\"row\">{listener}, {frontend.Name}</th><td>{Figures.Number(frontend.Requests.Sum())}</td>");
            foreach (string column in Columns) html.Add($"<td>{Figures.Number(frontend.Requests.Where((_, i) => StatusClasses.Label(i) == column).Sum())}</td>");
            html.AddTrusted("</tr>");
        }
        html.AddTrusted("</tbody></table></div>");
    }

    private void AddUnreadable((string Name, TrafficSnapshot Traffic)[] seen)
    {
        html.AddTrusted("<h3>What Sekoia.io will not read</h3><ul id=\"unreadable\">");
        bool isAny = false;
        foreach ((string listener, TrafficSnapshot traffic) in seen)
        {
            if (traffic.CutLines > 0)
            {
                isAny = true;
                html.Add($"<li>{listener}: {Figures.Number(traffic.CutLines)} lines cut at {string.Join(", ", traffic.CutLengths.Select(static length => Figures.Number(length)))} bytes: raise len of the log line, or maxlen of the ring</li>");
            }
            foreach (UnreadableSnapshot kind in traffic.Unreadable)
            {
                isAny = true;
                html.Add($"<li>{listener}: {Figures.Number(kind.Count)} lines ({kind.Kind.Label()}): {kind.Kind.Remedy()} Example: {kind.Example}</li>");
            }
        }
        if (!isAny) html.AddTrusted("<li>nothing that has come so far</li>");
        html.AddTrusted("</ul>");
    }
}
