using Concentrator.Accounting;

namespace Concentrator.Hosting.Views;

/// <summary>
/// The last ten minutes of every listener and output. Fixed memory: half a kilobyte for a listener, one for an output.
/// <see cref="Look"/> takes the state of the counters; the more often, the finer. Any thread may call.
/// </summary>
internal sealed class TrafficHistory(Ledger ledger, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<string, SlotSeries> _received = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutputSeries> _outputs = new(StringComparer.Ordinal);

    // What appears at a look was nothing at the one before.
    private TimeSpan _lookedAt;

    /// <summary>Adds what the counters say now.</summary>
    public void Look()
    {
        lock (_gate)
        {
            TimeSpan at = time.GetElapsedTime(_began);
            foreach (ListenerSnapshot listener in ledger.Listeners()) OfListener(listener.Name).Count(at, listener.Received);
            foreach (OutputSnapshot output in ledger.Outputs())
            {
                OutputSeries series = OfOutput(output.Name);
                series.Accepted.Count(at, output.Accepted);
                series.Delivered.Count(at, output.Delivered);
            }
            _lookedAt = at;
        }
    }

    /// <summary>Messages that the listener received.</summary>
    public SlotReading Received(string listener)
    {
        lock (_gate) return OfListener(listener).Read();
    }

    /// <summary>Messages that the output accepted and delivered.</summary>
    public (SlotReading Accepted, SlotReading Delivered) Output(string output)
    {
        lock (_gate)
        {
            OutputSeries series = OfOutput(output);
            return (series.Accepted.Read(), series.Delivered.Read());
        }
    }

    private SlotSeries OfListener(string name) => Of(_received, name, static begins => new SlotSeries(begins));

    private OutputSeries OfOutput(string name) => Of(_outputs, name, static begins => new OutputSeries(begins));

    private T Of<T>(Dictionary<string, T> series, string name, Func<TimeSpan, T> make)
    {
        if (!series.TryGetValue(name, out T? found)) series.Add(name, found = make(_lookedAt));
        return found;
    }

    private sealed class OutputSeries(TimeSpan begins)
    {
        public SlotSeries Accepted { get; } = new(begins);

        public SlotSeries Delivered { get; } = new(begins);
    }
}
