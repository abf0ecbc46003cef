namespace Concentrator.Accounting;

/// <summary>
/// Every listener and output that the running configuration has, and those that a reload has retired: totals never go
/// backwards. Any thread may call.
/// </summary>
internal sealed class Ledger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ListenerCounters> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutputCounters> _outputs = new(StringComparer.Ordinal);
    private long _spoolFreeBytes = -1;
    private long _droppedLogLines;

    /// <summary>What the spool's file system had left when it was last looked at; null = there is no spool.</summary>
    public long? SpoolFreeBytes
    {
        get => Interlocked.Read(ref _spoolFreeBytes) is >= 0 and long free ? free : null;
        set => Interlocked.Exchange(ref _spoolFreeBytes, value ?? -1);
    }

    /// <summary>Lines of our own log that found no room in its queue, or could not be written.</summary>
    public long DroppedLogLines => Interlocked.Read(ref _droppedLogLines);

    public void AddDroppedLogLine() => Interlocked.Increment(ref _droppedLogLines);

    /// <summary>The counters of that listener; the same object when a name comes back after a reload.</summary>
    public ListenerCounters Listener(string name)
    {
        lock (_gate)
        {
            if (!_listeners.TryGetValue(name, out ListenerCounters? counters))
                _listeners.Add(name, counters = new ListenerCounters(name));
            return counters;
        }
    }

    /// <summary>The counters of that output; the same object when a name comes back after a reload.</summary>
    public OutputCounters Output(string name, bool isRelay, long capacity)
    {
        lock (_gate)
        {
            if (!_outputs.TryGetValue(name, out OutputCounters? counters))
                _outputs.Add(name, counters = new OutputCounters(name, isRelay, capacity));
            return counters;
        }
    }

    /// <summary>All outputs' counters, in no order.</summary>
    public IReadOnlyList<OutputCounters> OutputCounters()
    {
        lock (_gate) return [.. _outputs.Values];
    }

    /// <summary>In order of name.</summary>
    public IReadOnlyList<ListenerSnapshot> Listeners()
    {
        lock (_gate)
            return [.. _listeners.Values.Select(static c => c.Read()).OrderBy(static s => s.Name, StringComparer.Ordinal)];
    }

    /// <summary>In order of name.</summary>
    public IReadOnlyList<OutputSnapshot> Outputs()
    {
        lock (_gate)
            return [.. _outputs.Values.Select(static c => c.Read()).OrderBy(static s => s.Name, StringComparer.Ordinal)];
    }
}
