using System.Globalization;

namespace Concentrator.Accounting;

/// <summary>Formats the ledger as aligned lines for the log at a stop and for the demo: one table of listeners, one of outputs.</summary>
internal static class LedgerTable
{
    private static readonly string[] ListenerHeads =
        ["listener", "received", "routed", "unrouted", "malformed", "truncated", "kernel-dropped", "lost-before", "balance"];

    private static readonly string[] OutputHeads = ["output", "accepted", "delivered", "queued", "dropped", "balance", "dropped because"];

    public static IReadOnlyList<string> Lines(Ledger ledger) => Lines(ledger.Listeners(), ledger.Outputs());

    /// <summary>Without trailing blanks; a table without entries has no lines.</summary>
    public static IReadOnlyList<string> Lines(IReadOnlyList<ListenerSnapshot> listeners, IReadOnlyList<OutputSnapshot> outputs) =>
    [
        .. PlainTable.Lines(ListenerHeads, [.. listeners.Select(Cells)], IsText),
        .. PlainTable.Lines(OutputHeads, [.. outputs.Select(Cells)], IsText),
    ];

    private static string[] Cells(ListenerSnapshot l) =>
    [
        l.Name, Number(l.Received), Number(l.Routed), Number(l.Unrouted), Number(l.Malformed), Number(l.Truncated),
        Number(l.KernelDropped), Number(l.LostBeforeTotal), Balance(l.Received - l.Routed - l.Unrouted),
    ];

    private static string[] Cells(OutputSnapshot o) =>
    [
        o.Name, Number(o.Accepted), Number(o.Delivered), Number(o.Queued), Number(o.DroppedTotal),
        Balance(o.Accepted - o.Delivered - o.Queued - o.DroppedTotal), Reasons(o),
    ];

    private static string Reasons(OutputSnapshot output) => string.Join(", ", DropReasons.All
        .Where(reason => output.Dropped[(int)reason] != 0)
        .Select(reason => $"{reason.Label()} {Number(output.Dropped[(int)reason])}"));

    private static string Balance(long off) => off == 0 ? "ok" : "off by " + Number(off);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static bool IsText(string head) => head is "listener" or "output" or "dropped because";
}
