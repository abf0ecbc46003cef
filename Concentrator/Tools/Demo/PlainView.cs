using System.Globalization;
using Concentrator.Accounting;

namespace Concentrator.Tools.Demo;

/// <summary>Shows the demo without a terminal: a line per second, and one for each event.</summary>
internal sealed class PlainView(DemoRun run, TextWriter output)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private readonly RateMeter _received = new();
    private string? _phase;
    private TimeSpan _last;

    /// <summary>Writes until <paramref name="playing"/> has ended.</summary>
    public async Task ShowAsync(Task playing)
    {
        while (!playing.IsCompleted)
        {
            Show();
            await Task.WhenAny(playing, Task.Delay(Pause)).ConfigureAwait(false);
        }
        Show();
    }

    private void Show()
    {
        TimeSpan now = run.Elapsed;
        long received = run.Ledger.Listeners().Sum(static listener => listener.Received);
        double rate = _received.Add(now, received);
        while (run.Events.TryTake(out string? line)) Write(now, $"    {line}");
        if (run.Phase != _phase) Write(now, $"==> {_phase = run.Phase}");
        if (now - _last < Between) return;
        _last = now;
        string listeners = string.Create(CultureInfo.InvariantCulture, $"received {received,7:N0} ({rate,5:N0}/s)");
        Write(now, string.Join("   ", run.Ledger.Outputs().Select(Describe).Prepend(listeners)));
        output.Flush();
    }

    private void Write(TimeSpan at, string text) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,5:0.0} s  {text}"));

    private static string Describe(OutputSnapshot one)
    {
        string state = !one.IsRelay ? "" : one.Connected ? ", connected" : ", NOT CONNECTED";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{one.Name} {one.Delivered,7:N0} delivered, {one.Queued,6:N0} queued, {one.DroppedTotal} dropped{state}");
    }
}
