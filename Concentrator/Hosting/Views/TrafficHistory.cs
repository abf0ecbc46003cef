using Concentrator.Accounting;

namespace Concentrator.Hosting.Views;

/// <summary>
/// The last ten minutes of every listener and output. Fixed memory: half a kilobyte for a listener, one and a half for an output.
/// <see cref="Look"/> takes the state of the counters; the more often, the finer. Any thread may call.
/// </summary>
internal sealed class TrafficHistory(Ledger ledger, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<string, SlotSeries> _received = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutputSeries> _outputs = new(StringComparer.Ordinal);

    /// <summary>Adds what the counters say now.</summary>
    public void Look()
    {
        lock (_gate)
        {
            TimeSpan at = time.GetElapsedTime(_began);
            foreach (ListenerSnapshot listener in ledger.Listeners()) Of(_received, listener.Name).Count(at, listener.Received);
            foreach (OutputSnapshot output in ledger.Outputs())
            {
                OutputSeries series = Of(_outputs, output.Name);
                series.Accepted.Count(at, output.Accepted);
                series.Delivered.Count(at, output.Delivered);
                series.QueuedBytes.Measure(at, output.QueuedBytes);
            }
        }
    }

    /// <summary>Messages a second that the listener received, as <see cref="SlotSeries.Read"/> gives them.</summary>
    public float[] Received(string listener)
    {
        lock (_gate) return Of(_received, listener).Read();
    }

    /// <summary>Of the output: messages accepted and delivered a second, and bytes in its queue.</summary>
    public (float[] Accepted, float[] Delivered, float[] QueuedBytes) Output(string output)
    {
        lock (_gate)
        {
            OutputSeries series = Of(_outputs, output);
            return (series.Accepted.Read(), series.Delivered.Read(), series.QueuedBytes.Read());
        }
    }

    private static T Of<T>(Dictionary<string, T> series, string name)
        where T : new()
    {
        if (!series.TryGetValue(name, out T? found)) series.Add(name, found = new T());
        return found;
    }

    private sealed class OutputSeries
    {
        public SlotSeries Accepted { get; } = new();

        public SlotSeries Delivered { get; } = new();

        public SlotSeries QueuedBytes { get; } = new();
    }
}
