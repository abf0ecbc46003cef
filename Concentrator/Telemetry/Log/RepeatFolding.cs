namespace Concentrator.Telemetry.Log;

/// <summary>
/// Decides which events are shown, so that a fault repeated a thousand times a second costs one line in ten seconds.
/// The first of equal events is shown at once and opens a window. Repeats inside the window are counted; the
/// window's end shows the last of them with the count, then opens the next window. A window without repeats is
/// forgotten. Single lines and counts together add up to the number of events.
/// Not synchronized: the caller holds its own lock.
/// </summary>
/// <param name="time">The clock of the windows.</param>
/// <param name="window">The length of a window.</param>
/// <param name="capacity">Maximum number of open windows; beyond it, the oldest ends early.</param>
internal sealed class RepeatFolding<TEvent>(TimeProvider time, TimeSpan window, int capacity)
{
    // All windows have the same length and are queued when they open: the first in the list is always the next to end.
    private readonly LinkedList<Window> _byEnd = new();
    private readonly Dictionary<string, LinkedListNode<Window>> _byKey = new(StringComparer.Ordinal);

    /// <summary>
    /// Time until the end of the next window that has something to show, zero if it has ended; null = there is none. A window
    /// without repeats shows nothing at its end and needs no timer.
    /// </summary>
    public TimeSpan? UntilNextShown
    {
        get
        {
            foreach (Window open in _byEnd)
            {
                if (open.Count > 0) return Left(open);
            }
            return null;
        }
    }

    /// <summary>True = show this event now, after the repeats added to <paramref name="ended"/>; false = it is counted.</summary>
    public bool Admit(string key, TEvent item, ICollection<Repeats<TEvent>> ended)
    {
        EndWindows(ended);
        if (_byKey.TryGetValue(key, out LinkedListNode<Window>? node))
        {
            node.Value.Count++;
            node.Value.Last = item;
            return false;
        }

        if (_byKey.Count >= capacity) Forget(_byEnd.First!, ended);
        Open(key);
        return true;
    }

    /// <summary>Adds the repeats of the windows that have ended by now to <paramref name="ended"/>.</summary>
    public void EndWindows(ICollection<Repeats<TEvent>> ended)
    {
        while (_byEnd.First is { } node && Left(node.Value) == TimeSpan.Zero)
        {
            bool repeated = node.Value.Count > 0;
            Forget(node, ended);
            if (repeated) Open(node.Value.Key);
        }
    }

    /// <summary>Ends every window now, at a stop.</summary>
    public void EndAll(ICollection<Repeats<TEvent>> ended)
    {
        while (_byEnd.First is { } first) Forget(first, ended);
    }

    private TimeSpan Left(Window open)
    {
        TimeSpan left = window - time.GetElapsedTime(open.Opened);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Open(string key) => _byKey.Add(key, _byEnd.AddLast(new Window { Key = key, Opened = time.GetTimestamp() }));

    private void Forget(LinkedListNode<Window> node, ICollection<Repeats<TEvent>> ended)
    {
        Window closed = node.Value;
        _byEnd.Remove(node);
        _byKey.Remove(closed.Key);
        if (closed.Count > 0) ended.Add(new Repeats<TEvent>(closed.Last!, closed.Count, time.GetElapsedTime(closed.Opened)));
    }

    private sealed class Window
    {
        public required string Key { get; init; }

        /// <summary>Timestamp of the clock.</summary>
        public required long Opened { get; init; }

        /// <summary>Events counted and not shown.</summary>
        public long Count { get; set; }

        public TEvent? Last { get; set; }
    }
}

/// <summary>Repeats folded by one window: the last event, how many there were, and how long the window was open.</summary>
internal readonly record struct Repeats<TEvent>(TEvent Last, long Count, TimeSpan Period);
