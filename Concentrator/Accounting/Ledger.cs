namespace Concentrator.Accounting;

/// <summary>
/// The counters of every listener and output of the running configuration, and of those that a reload has removed, so that totals
/// never decrease. Any thread may call.
/// </summary>
internal sealed class Ledger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ListenerCounters> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutputCounters> _outputs = new(StringComparer.Ordinal);
    private long _spoolFreeBytes = -1;
    private long _droppedLogLines;

    /// <summary>Free bytes of the spool's file system when it was last measured; null = there is no spool.</summary>
    public long? SpoolFreeBytes
    {
        get => Interlocked.Read(ref _spoolFreeBytes) is >= 0 and long free ? free : null;
        set => Interlocked.Exchange(ref _spoolFreeBytes, value ?? -1);
    }

    /// <summary>Lines of the program's own log that found its queue full, or could not be written.</summary>
    public long DroppedLogLines => Interlocked.Read(ref _droppedLogLines);

    public void AddDroppedLogLine() => Interlocked.Increment(ref _droppedLogLines);

    /// <summary>Returns the counters of that listener; the same object when a name comes back after a reload.</summary>
    public ListenerCounters Listener(string name)
    {
        lock (_gate)
        {
            if (!_listeners.TryGetValue(name, out ListenerCounters? counters))
                _listeners.Add(name, counters = new ListenerCounters(name));
            return counters;
        }
    }

    /// <summary>Returns the counters of that output; the same object when a name comes back after a reload.</summary>
    public OutputCounters Output(string name, bool isRelay, long capacity)
    {
        lock (_gate)
        {
            if (!_outputs.TryGetValue(name, out OutputCounters? counters))
                _outputs.Add(name, counters = new OutputCounters(name, isRelay, capacity));
            return counters;
        }
    }

    /// <summary>Returns the counters of all outputs, in no particular order.</summary>
    public IReadOnlyList<OutputCounters> OutputCounters()
    {
        lock (_gate) return [.. _outputs.Values];
    }

    /// <summary>Returns snapshots of all listeners, ordered by name.</summary>
    public IReadOnlyList<ListenerSnapshot> Listeners()
    {
        lock (_gate)
            return [.. _listeners.Values.Select(static c => c.Read()).OrderBy(static s => s.Name, StringComparer.Ordinal)];
    }

    /// <summary>Returns snapshots of all outputs, ordered by name.</summary>
    public IReadOnlyList<OutputSnapshot> Outputs()
    {
        lock (_gate)
            return [.. _outputs.Values.Select(static c => c.Read()).OrderBy(static s => s.Name, StringComparer.Ordinal)];
    }
}
