using Concentrator.Accounting;

namespace Concentrator.Hosting.Page;

/// <summary>Every message since the start: the ledger of listeners and outputs with its balance, and what was lost, by reason.</summary>
internal sealed class LedgerSection(Html html, PageMoment moment)
{
    private const string Balances = "balances";
    private const string DoesNot = "DOES NOT BALANCE";

    public void Add()
    {
        html.AddTrusted("<section aria-labelledby=\"ledger\"><h2 id=\"ledger\">The ledger since the start</h2>");
        AddListeners();
        AddOutputs();
        AddLosses();
        html.AddTrusted("</section>");
    }

    private void AddListeners()
    {
        AddTable("Listeners: received = routed + unrouted", "listener", "received", "routed", "unrouted", "balance", "malformed", "truncated");
        foreach (ListenerSnapshot l in moment.Listeners)
        {
            html.Add($"<tr data-listener=\"{l.Name}\"><th scope=\"row\">{l.Name}</th><td data-f=\"received_total\">{Figures.Number(l.Received)}</td><td data-f=\"routed\">{Figures.Number(l.Routed)}</td>");
            html.Add($"<td data-f=\"unrouted\">{Figures.Number(l.Unrouted)}</td><td data-f=\"balances\">{(l.Balances ? Balances : DoesNot)}</td>");
            html.Add($"<td data-f=\"malformed\">{Figures.Number(l.Malformed)}</td><td data-f=\"truncated\">{Figures.Number(l.Truncated)}</td></tr>");
        }
        html.AddTrusted("</tbody></table></div>");
    }

    private void AddOutputs()
    {
        AddTable("Outputs: accepted = delivered + queued + dropped", "output", "accepted", "delivered", "queued", "dropped", "balance", "truncated");
        foreach (OutputSnapshot o in moment.Outputs)
        {
            html.Add($"<tr data-output=\"{o.Name}\"><th scope=\"row\">{o.Name}</th><td data-f=\"accepted_total\">{Figures.Number(o.Accepted)}</td><td data-f=\"delivered_total\">{Figures.Number(o.Delivered)}</td>");
            html.Add($"<td data-f=\"queued\">{Figures.Number(o.Queued)}</td><td data-f=\"dropped\">{Figures.Number(o.Dropped.Sum())}</td><td data-f=\"balances\">{(o.Balances ? Balances : DoesNot)}</td>");
            html.Add($"<td data-f=\"truncated\">{Figures.Number(o.Truncated)}</td></tr>");
        }
        html.AddTrusted("</tbody></table></div><p class=\"note\">Delivered: written to the file, acknowledged by the receiver's TCP, or answered over RELP or HTTPS. What a receiver may not have read when its connection broke is sent again.</p>");
    }

    private void AddLosses()
    {
        html.AddTrusted("<h3>Lost, and by whom</h3><ul id=\"losses\">");
        bool isAny = false;
        foreach ((string where, string what, long count) in Losses())
        {
            html.Add($"<li>{where}: {Figures.Number(count)} {what}</li>");
            isAny = true;
        }
        if (!isAny) html.AddTrusted("<li>nothing that this server knows of</li>");
        html.AddTrusted("</ul>");
    }

    private IEnumerable<(string Where, string What, long Count)> Losses()
    {
        foreach (ListenerSnapshot l in moment.Listeners)
        {
            foreach (LostBefore reason in LossesBefore.All)
            {
                if (l.LostBefore?[(int)reason] is > 0 and long lost) yield return (l.Name, $"lost before they reached it ({reason.Label()})", lost);
            }
            if (l.KernelDropped > 0) yield return (l.Name, "dropped by the kernel before they could be read", l.KernelDropped);
            if (l.RefusedConnections > 0) yield return (l.Name, "connections refused", l.RefusedConnections);
            if (l.FramingViolations > 0) yield return (l.Name, "connections with invalid framing", l.FramingViolations);
        }
        foreach (OutputSnapshot o in moment.Outputs)
        {
            foreach (DropReason reason in DropReasons.All)
            {
                if (o.Dropped[(int)reason] > 0) yield return (o.Name, $"dropped ({reason.Label()})", o.Dropped[(int)reason]);
            }
        }
    }

    private void AddTable(string caption, params ReadOnlySpan<string> heads)
    {
        html.Add($"<h3>{caption}</h3><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table><thead><tr>");
        foreach (string head in heads) html.Add($"<th scope=\"col\">{head}</th>");
        html.AddTrusted("</tr></thead><tbody>");
    }
}
