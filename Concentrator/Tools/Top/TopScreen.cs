using System.Globalization;
using Concentrator.Accounting;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Top;

/// <summary>
/// Lays a <see cref="RatedReading"/> out as lines: the server, a row for each listener and output with its rates and its queue as a bar, and as
/// many of the latest log events as fit. Text that comes from the server shows no control character.
/// </summary>
internal sealed class TopScreen
{
    /// <summary>The smallest terminal that the layout is made for.</summary>
    public const int LeastWidth = 80;

    /// <summary>See <see cref="LeastWidth"/>.</summary>
    public const int LeastHeight = 24;

    private const int BarLength = 8;

    private static readonly string[] ListenerHeads = ["listener", "msg/s", "bytes/s", "received", "unrouted", "kernel lost"];
    private static readonly string[] OutputHeads = ["output", "in/s", "out/s", "queue", "waiting", "dropped", "state"];

    private readonly List<ScreenLine> _lines = [];
    private readonly int _width;

    private TopScreen(int width) => _width = Math.Max(width, LeastWidth);

    /// <param name="frame">What to show.</param>
    /// <param name="width">Columns; lines are cut there.</param>
    /// <param name="height">Rows. Problems and tables go before log events; what does not fit is replaced by a line that counts it.</param>
    public static IReadOnlyList<ScreenLine> Lines(RatedReading frame, int width, int height)
    {
        TopScreen screen = new(width);
        screen.AddServer(frame.Now);
        screen.AddListeners(frame);
        screen.AddOutputs(frame);
        screen.AddEvents(frame.Now, height);
        if (screen._lines.Count > height)
        {
            int hidden = screen._lines.Count - height + 1;
            screen._lines.RemoveRange(height - 1, hidden);
            screen._lines.Add(new ScreenLine($"{hidden} more lines: make the terminal higher, or use concentrator status", Emphasis.Faint));
        }
        return screen._lines;
    }

    private void AddServer(ServerReading now)
    {
        Add($"concentrator {now.Version}: {(now.IsReady ? "ready" : "NOT READY")}, process {now.Process}, up {RoughFigures.Duration(now.Uptime)}"
            + $", {now.Time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}", now.IsReady ? Emphasis.Good : Emphasis.Bad);
        foreach (string problem in now.Problems) Add($"! {problem}", Emphasis.Bad);
    }

    private void AddListeners(RatedReading frame)
    {
        string[][] rows =
        [
            .. frame.Now.Listeners.Select((listener, i) => new[]
            {
                listener.Name, Rate(frame.Listeners[i]?.Messages), Bytes(frame.Listeners[i]?.Bytes), StatusValues.Number(listener.Received),
                StatusValues.Number(listener.Unrouted), StatusValues.Number(listener.KernelDropped),
            }),
        ];
        AddTable(ListenerHeads, rows, i => State(frame.Now.Listeners[i]), i => Detail(frame.Now.Listeners[i]));
    }

    private void AddOutputs(RatedReading frame)
    {
        (string Text, Emphasis Emphasis)[] states = [.. frame.Now.Outputs.Select((output, i) => State(output, frame.Outputs[i]))];
        string[][] rows =
        [
            .. frame.Now.Outputs.Select((output, i) => new[]
            {
                output.Name, Rate(frame.Outputs[i]?.Accepted), Rate(frame.Outputs[i]?.Delivered), Bar(output.Fill),
                StatusValues.Number(output.Queued), StatusValues.Number(output.Dropped), states[i].Text,
            }),
        ];
        AddTable(OutputHeads, rows, i => states[i].Emphasis, i => Detail(frame.Now.Outputs[i]));
    }

    /// <param name="detail">A line below a row; null = none.</param>
    private void AddTable(string[] heads, string[][] rows, Func<int, Emphasis> emphasis, Func<int, string?> detail)
    {
        IReadOnlyList<string> table = PlainTable.Lines(heads, rows, head => head == heads[0] || head is "queue" or "state", _width);
        if (table.Count == 0) return;
        Add("");
        Add(table[0], Emphasis.Faint);
        for (int row = 0; row < rows.Length; row++)
        {
            Add(table[row + 1], emphasis(row));
            if (detail(row) is { } more) Add($"  {more}", emphasis(row));
        }
    }

    /// <summary>The newest events that fit into what is left of the height.</summary>
    private void AddEvents(ServerReading now, int height)
    {
        int room = height - _lines.Count - 1;
        if (room <= 0 || now.Events.Count == 0) return;
        Add("");
        foreach (string recent in now.Events.Skip(now.Events.Count - room)) Add(recent, Emphasis.Faint);
    }

    private void Add(string text, Emphasis emphasis = Emphasis.None)
    {
        string printable = StatusValues.Printable(text);
        _lines.Add(new ScreenLine(printable.Length <= _width ? printable : string.Concat(printable.AsSpan(0, _width - 1), "…"), emphasis));
    }

    private static Emphasis State(ListenerReading listener) =>
        listener.Problem is not null || !listener.Balances ? Emphasis.Bad : listener.KernelDropped > 0 || listener.LostBefore > 0 ? Emphasis.Warning : Emphasis.None;

    /// <summary>What is wrong, or else what was lost before the listener and what Sekoia.io does not parse; null if there is neither.</summary>
    private static string? Detail(ListenerReading listener)
    {
        if (listener.Problem is not null) return listener.Problem;
        string[] counts =
        [
            .. listener.LostBefore > 0 ? [$"{StatusValues.Number(listener.LostBefore)} lost before us"] : Array.Empty<string>(),
            .. listener.Unreadable > 0 ? [$"{StatusValues.Number(listener.Unreadable)} lines that Sekoia.io does not parse (see status)"] : Array.Empty<string>(),
        ];
        return counts.Length == 0 ? null : string.Join(", ", counts);
    }

    private static (string Text, Emphasis Emphasis) State(OutputReading output, OutputRates? rates)
    {
        if (!output.Balances) return ("UNBALANCED", Emphasis.Bad);
        if (output.Problem is not null) return ("NOT WRITTEN", Emphasis.Bad);
        if (output.IsConnected == false) return ("NOT CONNECTED", Emphasis.Bad);
        if (rates?.Dropped > 0) return ("dropping", Emphasis.Bad);
        if (output.DrainSeconds is > 0 and double drain)
            return (double.IsFinite(drain) ? $"empty in {RoughFigures.Duration(drain)}" : "not shrinking", Emphasis.Warning);
        return (output.IsConnected == true ? "connected" : "written", output.Dropped > 0 ? Emphasis.Warning : Emphasis.None);
    }

    /// <summary>What is wrong, and how long the queue has room, where that matters; null if nothing is wrong.</summary>
    private static string? Detail(OutputReading output)
    {
        if (!output.Balances) return "accepted is not delivered + queued + dropped: please report it";
        if (output.Problem is not null) return output.Problem;
        bool isFilling = output.IsConnected == false || output.DrainSeconds is double.PositiveInfinity;
        return isFilling && output.AutonomySeconds is { } autonomy && double.IsFinite(autonomy)
            ? $"the queue has room for {RoughFigures.Duration(autonomy)} at this rate"
            : null;
    }

    /// <summary>A queue of any size that is not empty shows at least one mark.</summary>
    private static string Bar(double fill)
    {
        int marks = (int)Math.Ceiling(fill * BarLength);
        return string.Create(CultureInfo.InvariantCulture, $"{new string('#', marks)}{new string('.', BarLength - marks)} {fill * 100,3:0} %");
    }

    private static string Rate(double? perSecond) => perSecond is { } known ? known.ToString("N0", CultureInfo.InvariantCulture) : "-";

    private static string Bytes(double? perSecond) => perSecond is { } known ? RoughFigures.Size((long)known) : "-";
}
