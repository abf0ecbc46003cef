using System.Globalization;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Views;

namespace Concentrator.Hosting.Page;

/// <summary>
/// The way of the messages, from the running configuration: a card for each listener, route and output. The script finds a value by
/// <c>data-f</c> in the card of that name, and draws the lines between cards from <c>data-from</c> and <c>data-to</c>.
/// </summary>
internal sealed class FlowSection(Html html, ServerView view, PageMoment moment)
{
    public void Add()
    {
        html.AddTrusted("""
            <section aria-labelledby="way"><h2 id="way">The way of the messages</h2>
            <div class="way"><svg class="wires" aria-hidden="true"></svg>
            <div class="stage"><h3>Listeners</h3>
            """);
        foreach (ListenerSnapshot listener in moment.Listeners) Add(listener);
        html.AddTrusted("</div><div class=\"stage\"><h3>Routes</h3>");
        foreach (RouteOptions route in view.Options?.Routes ?? []) Add(route);
        html.AddTrusted("</div><div class=\"stage\"><h3>Outputs</h3>");
        foreach (OutputSnapshot output in moment.Outputs) Add(output);
        html.AddTrusted("</div></div></section>");
    }

    private void Add(in ListenerSnapshot listener)
    {
        string name = listener.Name;
        ListenAddress? configured = view.Options?.Listeners.FirstOrDefault(l => l.Name == name)?.Address;
        SlotReading received = view.History.Received(name);
        html.Add($"<article class=\"card\" data-listener=\"{name}\" data-state=\"{(listener.Problem is null ? "ok" : "bad")}\"><h4>{name}</h4>");
        html.Add($"<p class=\"where\" data-f=\"address\">{(configured is null ? "not in the running configuration" : listener.Address ?? configured.ToString())}</p>");
        html.Add($"<p class=\"rates\"><span><b data-f=\"received\">{Figures.Rate(received.Latest)}</b> messages/s</span> <span data-f=\"highest\">{Figures.Highest(received.PerSecond)}</span></p>");
        AddSparkline("received", $"{name}: messages received per second over the last ten minutes", received);
        AddProblem(listener.Problem);
        html.AddTrusted("</article>");
    }

    private void Add(RouteOptions route)
    {
        IEnumerable<string> from = route.From ?? view.Options?.Listeners.Select(static l => l.Name) ?? [];
        html.Add($"<article class=\"card route\" data-from=\"{string.Join(' ', from.Select(Uri.EscapeDataString))}\" data-to=\"{string.Join(' ', route.To.Select(Uri.EscapeDataString))}\">");
        html.Add($"<h4>{RouteWords.Conditions(route)}</h4>");
        html.Add($"<p>from {(route.From is null ? "every listener" : string.Join(", ", route.From))}</p>");
        html.Add($"<p>{(route.To.Count == 0 ? "to no output: dropped on purpose" : $"to {string.Join(", ", route.To)}")}{(route.Stop ? "; later routes do not see it" : "")}</p>");
        html.AddTrusted("</article>");
    }

    private void Add(in OutputSnapshot output)
    {
        string name = output.Name;
        OutputOptions? configured = view.Options?.Outputs.FirstOrDefault(o => o.Name == name);
        (SlotReading accepted, SlotReading delivered) = view.History.Output(name);
        string percent = Figures.Percent(output.QueuedBytes, output.Capacity);
        (string state, string word) = State(output);
        html.Add($"<article class=\"card\" data-output=\"{name}\" data-state=\"{state}\"><h4>{name} <em data-f=\"state\">{word}</em></h4>");
        html.Add($"<p class=\"where\" data-f=\"to\">{Destination(configured)}</p>");
        if (output.IsRelay) html.Add($"<p data-f=\"connection\">{Connection(output)}</p>");
        html.Add($"<p class=\"rates\"><span><b data-f=\"accepted\">{Figures.Rate(accepted.Latest)}</b> in/s</span> <span><b data-f=\"delivered\">{Figures.Rate(delivered.Latest)}</b> out/s</span> <span data-f=\"highest\">{Figures.Highest(delivered.PerSecond)}</span></p>");
        AddSparkline("delivered", $"{name}: messages delivered per second over the last ten minutes", delivered);
        html.Add($"<p><meter data-f=\"fill\" min=\"0\" max=\"100\" low=\"50\" high=\"80\" optimum=\"0\" value=\"{percent}\" aria-label=\"{name}: queue\">{percent} %</meter>");
        html.Add($"<span data-f=\"queue\">{Queue(output)}</span></p>");
        html.Add($"<p><span data-f=\"drain\">{Figures.Drain(output.Estimate?.DrainSeconds, output.Queued)}</span>; <span data-f=\"autonomy\">{Figures.Autonomy(output.Estimate?.AutonomySeconds)}</span></p>");
        AddProblem(output.Problem);
        html.AddTrusted("</article>");
    }

    /// <summary>The state for the style sheet, and in a word.</summary>
    private static (string State, string Word) State(in OutputSnapshot output) => output.Problem is not null ? ("bad", "problem")
        : output.IsRelay && !output.Connected ? ("bad", "not connected") : output.Estimate?.DrainSeconds is null or 0 ? ("ok", "ok") : ("behind", "behind");

    private static string Destination(OutputOptions? configured) => configured switch
    {
        FileOutputOptions file => $"file {file.Path}",
        RelayOutputOptions relay => $"{relay.Type} to {string.Join(", ", relay.Endpoints.List)}",
        _ => "not in the running configuration",
    };

    private string Connection(in OutputSnapshot output)
    {
        if (!output.Connected || output.Peer is not { } peer) return "no connection";
        string certificate = peer.CertificateEnds is { } ends ? $"; {Figures.Certificate(ends, moment.Time)}" : "";
        return $"connected to {peer.Endpoint} over {peer.Protocol}{certificate}";
    }

    private static string Queue(in OutputSnapshot output) =>
        $"{Figures.Number(output.Queued)} waiting, {RoughFigures.Size(output.QueuedBytes)} of {RoughFigures.Size(output.Capacity)}";

    private void AddSparkline(string series, string label, SlotReading values)
    {
        html.Add($"<svg class=\"spark\" role=\"img\" aria-label=\"{label}\" viewBox=\"0 -1 118 22\" preserveAspectRatio=\"none\" data-series=\"{series}\"");
        html.Add($" data-values=\"{Sparkline.Values(values.PerSecond)}\" data-open=\"{Exact(values.Open)}\" data-passed=\"{Exact(values.Passed.TotalSeconds)}\" data-total=\"{Exact(values.Total)}\">");
        html.Add($"<polyline points=\"{Sparkline.Points(values.PerSecond)}\"/></svg>");
    }

    /// <summary>A number for the script.</summary>
    private static string Exact(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private void AddProblem(string? problem)
    {
        if (problem is null) html.AddTrusted("<p class=\"problem\" data-f=\"problem\" hidden></p>");
        else html.Add($"<p class=\"problem\" data-f=\"problem\">{problem}</p>");
    }
}
