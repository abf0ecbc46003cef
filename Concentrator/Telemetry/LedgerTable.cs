using System.Globalization;

namespace Concentrator.Telemetry;

/// <summary>The ledger as plain, aligned lines for the log at stop and for the demo: one table of listeners, one of outputs.</summary>
internal static class LedgerTable
{
    private static readonly string[] ListenerHeads =
        ["listener", "received", "routed", "unrouted", "malformed", "truncated", "kernel-dropped", "balance"];

    private static readonly string[] OutputHeads = ["output", "accepted", "delivered", "queued", "dropped", "balance", "dropped because"];

    public static IReadOnlyList<string> Lines(Ledger ledger) => Lines(ledger.Listeners(), ledger.Outputs());

    /// <summary>Without trailing blanks; no line for a side that has no entries.</summary>
    public static IReadOnlyList<string> Lines(IReadOnlyList<ListenerSnapshot> listeners, IReadOnlyList<OutputSnapshot> outputs) =>
    [
        .. Aligned(ListenerHeads, [.. listeners.Select(Cells)]),
        .. Aligned(OutputHeads, [.. outputs.Select(Cells)]),
    ];

    private static string[] Cells(ListenerSnapshot l) =>
    [
        l.Name, Number(l.Received), Number(l.Routed), Number(l.Unrouted), Number(l.Malformed), Number(l.Truncated),
        Number(l.KernelDropped), Balance(l.Received - l.Routed - l.Unrouted),
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

    private static IEnumerable<string> Aligned(string[] heads, string[][] rows)
    {
        if (rows.Length == 0) return [];
        int[] widths = [.. heads.Select((head, column) => Math.Max(head.Length, rows.Max(row => row[column].Length)))];
        return rows.Prepend(heads).Select(row => string.Join("  ", row.Select((cell, column) =>
            IsText(heads[column]) ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
    }

    private static bool IsText(string head) => head is "listener" or "output" or "dropped because";
}
