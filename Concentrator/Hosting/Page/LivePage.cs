using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;

namespace Concentrator.Hosting.Page;

/// <summary>
/// The page at <c>/</c>: how the server is, as one document that loads nothing from anywhere. Without scripts it shows the state of the
/// request; <c>page.js</c> keeps it current from <c>/status.json</c>, once a second while somebody looks. Any thread may call.
/// </summary>
internal sealed class LivePage(ServerView view, TimeProvider time)
{
    public const string ContentType = "text/html; charset=utf-8";

    private static readonly string Style = Read("page.css");
    private static readonly string Script = Read("page.js");

    /// <summary>Nothing may be loaded, framed or sent; only this style sheet, this script, and requests to this server.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src '{Hash(Style)}'; script-src '{Hash(Script)}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Renders the document, which is current for this moment.</summary>
    public string Render()
    {
        view.History.Look();
        PageMoment moment = new(time.GetUtcNow().UtcDateTime, view.Ledger.Listeners(), view.Ledger.Outputs());
        Html html = new();
        AddHead(html);
        AddHeader(html, moment);
        html.AddTrusted("<main>");
        new FlowSection(html, view, moment).Add();
        new LedgerSection(html, moment).Add();
        new InsightSection(html, moment).Add();
        AddLog(html);
        html.AddTrusted("</main>");
        AddFooter(html);
        html.AddTrusted($"<script>{Script}</script></body></html>");
        return html.ToString();
    }

    /// <summary>A time as the page shows it.</summary>
    private static string Clock(DateTime utc) => utc.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static void AddHead(Html html)
    {
        html.AddTrusted("""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
            """);
        html.Add($"<title>Concentrator on {Environment.MachineName}</title>");
        html.AddTrusted($"<style>{Style}</style></head>");
    }

    private void AddHeader(Html html, PageMoment moment)
    {
        IReadOnlyList<string> problems = ReadinessRule.Problems(view.IsListening, moment.Listeners, moment.Outputs);
        string configured = view.ConfiguredAt is { } at ? Instant.Text(at) : "";
        html.Add($"<body data-pid=\"{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}\" data-configured=\"{configured}\" data-time=\"{Instant.Text(moment.Time)}\">");
        html.Add($"<header><h1>Concentrator <small>on {Environment.MachineName}</small></h1>");
        html.Add($"<p id=\"state\" role=\"status\" data-state=\"{(problems.Count == 0 ? "ok" : "bad")}\">{(problems.Count == 0 ? "ready" : "NOT READY")}</p>");
        html.Add($"<p>version {ProgramVersion.Current.Number}, up <span id=\"uptime\">{RoughFigures.Duration(view.Uptime)}</span>, as of <span id=\"time\">{Clock(moment.Time)}</span> UTC</p>");
        html.AddTrusted("<button id=\"pause\" type=\"button\" aria-pressed=\"false\" hidden>Pause</button><ul id=\"problems\">");
        foreach (string problem in problems) html.Add($"<li>{problem}</li>");
        html.AddTrusted("</ul><noscript><p>Without scripts this page shows the moment of its request: reload it for the present.</p></noscript></header>");
    }

    private void AddLog(Html html)
    {
        html.AddTrusted("<section aria-labelledby=\"log\"><h2 id=\"log\">Last warnings and errors of the log</h2><ol id=\"events\">");
        IReadOnlyList<RecentEvent> events = view.Events.Read();
        foreach (RecentEvent recent in events.Reverse())
            html.Add($"<li data-level=\"{recent.Level}\">{Clock(recent.Time.UtcDateTime)} {recent.Level} {recent.Message}{(recent.Count > 1 ? $" ({Figures.Number(recent.Count)} times)" : "")}</li>");
        if (events.Count == 0) html.AddTrusted("<li>none</li>");
        html.AddTrusted("</ol></section>");
    }

    private void AddFooter(Html html)
    {
        html.AddTrusted("<footer>");
        if (view.Options is { } options && view.Ledger.SpoolFreeBytes is { } free)
            html.Add($"<p>Spool {options.Spool.Directory}: at most {RoughFigures.Size(options.Spool.MaxSize)}, <span id=\"free\">{RoughFigures.Size(free)}</span> free on disk.</p>");
        html.AddTrusted("<p>On the server: did a line arrive? <code>concentrator trace</code>. Messages as they come: <code>concentrator tap</code>.</p>");
        html.AddTrusted("<nav aria-label=\"Other pages\"><a href=\"status.json\">status.json</a> <a href=\"metrics\">metrics</a> <a href=\"readyz\">readyz</a> <a href=\"healthz\">healthz</a></nav></footer>");
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Read(string name)
    {
        using Stream stream = typeof(LivePage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the program");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
