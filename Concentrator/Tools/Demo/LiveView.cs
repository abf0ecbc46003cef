using System.Globalization;
using Concentrator.Accounting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Concentrator.Tools.Demo;

/// <summary>Shows the demo on a terminal, in tables that are updated in place.</summary>
internal sealed class LiveView(DemoRun run, IAnsiConsole console)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private const int EventsShown = 5;

    /// <summary>Both tables have the same widths, so that nothing moves and everything fits into 80 characters.</summary>
    private static readonly int[] ColumnWidths = [11, 18, 8, 9, 6, 9, 8];

    private readonly Dictionary<string, RateMeter> _rates = [];
    private readonly Queue<string> _events = [];

    /// <summary>Draws until <paramref name="playing"/> has ended. The last picture stays.</summary>
    public Task ShowAsync(Task playing) =>
        console.Live(Picture()).Overflow(VerticalOverflow.Ellipsis).StartAsync(async live =>
        {
            while (!playing.IsCompleted)
            {
                live.UpdateTarget(Picture());
                await Task.WhenAny(playing, Task.Delay(Pause)).ConfigureAwait(false);
            }
            live.UpdateTarget(Picture());
        });

    /// <summary>The present state.</summary>
    public IRenderable Picture()
    {
        TimeSpan now = run.Elapsed;
        TakeEvents(now);
        List<IRenderable> rows =
        [
            new Markup($"[bold]{Seconds(now)}[/]  [yellow]{Markup.Escape(run.Phase)}[/]"),
            Listeners(now),
            Outputs(now),
            new Markup($"The intake has counted [bold]{N(run.FramesAtIntake)}[/] frames."),
        ];
        for (int i = 0; i < EventsShown; i++) rows.Add(new Text(_events.ElementAtOrDefault(i) ?? "", new Style(Color.Grey)).Ellipsis());
        return new Rows(rows);
    }

    private Table Listeners(TimeSpan now)
    {
        Table table = NewTable("listener", "from", "sent", "received", "msg/s", "malformed", "overrun");
        Dictionary<string, ListenerSnapshot> counted = run.Ledger.Listeners().ToDictionary(static l => l.Name);
        foreach (DemoSender sender in run.Senders)
        {
            // Sent is read after received, so it is never smaller.
            ListenerSnapshot listener = counted.GetValueOrDefault(sender.Plan.Listener);
            table.AddRow(
                sender.Plan.Listener, sender.Plan.Description, N(sender.Sent), N(listener.Received),
                Rate(sender.Plan.Listener, now, listener.Received), N(listener.Malformed), N(listener.KernelDropped));
        }
        return table;
    }

    private Table Outputs(TimeSpan now)
    {
        Table table = NewTable("output", "state", "accepted", "delivered", "msg/s", "queued", "dropped");
        foreach (OutputSnapshot output in run.Ledger.Outputs())
        {
            string state = !output.IsRelay ? "writing" : output.Connected ? "[green]connected[/]" : "[red]not connected[/]";
            string queued = output.Queued > 1000 ? $"[yellow]{N(output.Queued)}[/]" : N(output.Queued);
            table.AddRow(
                output.Name, state, N(output.Accepted), N(output.Delivered),
                Rate(output.Name, now, output.Delivered), queued, N(output.DroppedTotal));
        }
        return table;
    }

    private void TakeEvents(TimeSpan now)
    {
        while (run.Events.TryTake(out string? line))
        {
            _events.Enqueue($"{Seconds(now)}  {line}");
            if (_events.Count > EventsShown) _events.Dequeue();
        }
    }

    private string Rate(string name, TimeSpan now, long count)
    {
        if (!_rates.TryGetValue(name, out RateMeter? meter)) _rates.Add(name, meter = new RateMeter());
        return N((long)Math.Max(0, meter.Add(now, count)));
    }

    private static Table NewTable(params string[] heads)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        for (int i = 0; i < heads.Length; i++)
        {
            TableColumn column = new(heads[i]) { NoWrap = true, Width = ColumnWidths[i], Padding = new Padding(i < 2 ? 1 : 0, 0, 0, 0) };
            table.AddColumn(i < 2 ? column : column.RightAligned());
        }
        return table;
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds,5:0.0} s");

    private static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
