using Concentrator.Accounting;
using Concentrator.JetStream.ClusterLedger;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Cluster;

/// <summary>
/// The ledger of a cluster as lines of at most <see cref="StatusReport.Width"/> characters: a table of edges, of the stream and of relays, and the balance of each
/// consumer. Names come from other hosts, so control characters are replaced.
/// </summary>
internal sealed class ClusterReport
{
    private static readonly string[] EdgeHeads = ["edge", "accepted", "waiting", "dropped", "handed over", "known"];
    private static readonly string[] StreamHeads = ["stream", "blocks", "bytes", "messages"];
    private static readonly string[] RelayHeads = ["relay", "blocks", "settled", "given out again", "holds", "known"];

    private readonly WrappedLines _lines = new(StatusReport.Width);
    private readonly ClusterView _view;

    private ClusterReport(ClusterView view) => _view = view;

    public static IReadOnlyList<string> Lines(ClusterView view)
    {
        ClusterReport report = new(view);
        report.AddHead();
        report.AddMembers(EdgeHeads, view.Members.Edges, report.EdgeCells, report.AddEdge, "no edge is known");
        report.AddStream();
        report.AddMembers(RelayHeads, view.Members.Relays, report.RelayCells, report.AddRelay, "no relay is known");
        foreach (ConsumerView consumer in view.Consumers) report.AddBalance(consumer);
        return report._lines.All;
    }

    private void AddHead()
    {
        _lines.Add($"cluster of stream {_view.Stream.Name}, asked at {_view.Server}", "");
        foreach (string problem in _view.Members.Problems) _lines.Add($"! {problem}");
    }

    private void AddMembers(string[] heads, IEnumerable<ClusterMember> members, Func<ClusterMember, string[]> cells, Action<ClusterMember> addMore, string none)
    {
        List<ClusterMember> rows = [.. members];
        _lines.AddLine("");
        if (rows.Count == 0) _lines.Add(none, "");
        IReadOnlyList<string> table = Table(heads, [.. rows.Select(cells)]);
        for (int line = 0; line < table.Count; line++)
        {
            _lines.AddLine(table[line]);
            if (line > 0) addMore(rows[line - 1]);
        }
    }

    private void AddStream()
    {
        ConsumerView first = _view.Consumers[0];
        _lines.AddLine("");
        foreach (string line in Table(StreamHeads, [[_view.Stream.Name, StatusValues.Number(_view.Stream.Messages), RoughFigures.Size(_view.Stream.Bytes), _view.Consumers.Count == 1 ? InStream(first) : ""]]))
            _lines.AddLine(line);
        foreach (ConsumerView consumer in _view.Consumers)
        {
            if (!_view.Stream.IsQueue && consumer.Consumer is { } name)
                _lines.Add($"not acknowledged by consumer {name}: {StatusValues.Number(consumer.Content.Blocks)} blocks, {InStream(consumer)} messages");
            if (!consumer.IsCounted)
                _lines.Add("their messages are not counted but computed from the records of the members, because there are too many blocks, or some were acknowledged before others");
        }
    }

    private string[] EdgeCells(ClusterMember member)
    {
        LedgerEdge edge = member.Record.Edge!;
        return [Name(member), StatusValues.Number(edge.Accepted), StatusValues.Number(edge.Waiting), StatusValues.Number(edge.DroppedTotal), StatusValues.Number(edge.HandedOver), Known(member)];
    }

    private string[] RelayCells(ClusterMember member)
    {
        LedgerRelay relay = member.Record.Relay!;
        return [Name(member), StatusValues.Number(relay.Blocks + relay.UnusableBlocks), StatusValues.Number(relay.Settled), StatusValues.Number(relay.Redelivered), StatusValues.Number(relay.Held), Known(member)];
    }

    private void AddEdge(ClusterMember member)
    {
        AddState(member);
        if (member.Record.Edge!.Dropped is { Count: > 0 } dropped) _lines.Add($"dropped: {Drops(dropped)}");
    }

    private void AddRelay(ClusterMember member)
    {
        LedgerRelay relay = member.Record.Relay!;
        AddState(member);
        if (_view.Consumers.Count > 1) _lines.Add($"fetches for consumer {relay.Consumer}");
        if (relay.UnusableBlocks > 0)
            _lines.Add($"unusable: {StatusValues.Number(relay.UnusableBlocks)} blocks are not what their headers say, and claim {StatusValues.Number(relay.UnusableMessages)} of the settled messages");
        foreach (LedgerRelayOutput output in relay.Outputs)
        {
            if (output.Waiting == 0 && output.Dropped.Count == 0) continue;
            string dropped = output.Dropped.Count == 0 ? "" : $", dropped: {Drops(output.Dropped)}";
            _lines.Add($"its output {output.Name}: {StatusValues.Number(output.Waiting)} waiting{dropped}");
        }
    }

    private void AddState(ClusterMember member)
    {
        LedgerRecord record = member.Record;
        if (record.IsStopped) _lines.Add("stopped in order; these are its last figures");
        else if (!member.IsFresh) _lines.Add("does not answer; these are its last known figures");
        if (record.IsProcess) _lines.Add("counted from the start of its process (Durability memory, or a disk that refuses)");
    }

    private void AddBalance(ConsumerView consumer)
    {
        List<LedgerEdge> edges = [.. _view.Members.Edges.Select(static member => member.Record.Edge!)];
        _lines.AddLine("");
        if (_view.Consumers.Count > 1) _lines.Add($"consumer {consumer.Consumer}", "");
        List<string[]> sum =
        [
            ["  accepted by edges", StatusValues.Number(edges.Sum(static edge => edge.Accepted))],
            ["= waiting at edges", StatusValues.Number(edges.Sum(static edge => edge.Waiting))],
            ["+ dropped at edges", StatusValues.Number(edges.Sum(static edge => edge.DroppedTotal))],
            ["+ in the stream", InStream(consumer)],
            ["+ settled by relays", StatusValues.Number(consumer.Totals.Settled)],
        ];

        // Where nothing moves, the sum is exact with it.
        if (consumer.Balance is { Moved: 0, Missing: > 0 and long missing }) sum.Add(["+ missing", StatusValues.Number(missing)]);
        if (consumer.Balance is { Moved: 0, Surplus: > 0 and long surplus }) sum.Add(["- too many", StatusValues.Number(surplus)]);
        foreach (string line in PlainTable.Lines(["", "messages"], sum, static head => head.Length == 0).Skip(1)) _lines.AddLine(line);
        foreach (string line in BalanceWords.Of(_view, consumer)) _lines.Add(line, "");
    }

    private string Known(ClusterMember member) =>
        member.IsFresh ? "now" : $"{RoughFigures.Duration(Math.Max(0, (_view.At - member.Record.At).TotalSeconds))} ago";

    private static string Name(ClusterMember member) => StatusValues.Printable($"{member.Record.Host}/{member.Record.Name}");

    private static string InStream(ConsumerView consumer) => $"{(consumer.IsCounted ? "" : "~")}{StatusValues.Number(consumer.InStream)}";

    private static string Drops(IEnumerable<LedgerDrop> dropped) => string.Join(", ", dropped.Select(static drop => $"{StatusValues.Number(drop.Messages)} {drop.Reason}"));

    private static IReadOnlyList<string> Table(string[] heads, IReadOnlyList<string[]> rows) =>
        PlainTable.Lines(heads, rows, head => head == heads[0] || head == "known", StatusReport.Width);
}
