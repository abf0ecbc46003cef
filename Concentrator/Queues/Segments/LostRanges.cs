namespace Concentrator.Queues.Segments;

/// <summary>
/// The sequences that are known to be lost among those still held, so that each is counted once however often it is
/// read past. Empty, and free of cost, while nothing is damaged. Not thread-safe.
/// </summary>
internal sealed class LostRanges
{
    // Sorted, disjoint, none empty; half-open [From, To).
    private readonly List<(long From, long To)> _ranges = [];

    /// <summary>Messages in all ranges.</summary>
    public long Count { get; private set; }

    /// <summary>Adds [from, to) and returns how many of these sequences were not known yet.</summary>
    public long Add(long from, long to)
    {
        if (to <= from) return 0;
        long before = Count;
        int first = _ranges.FindIndex(range => range.To >= from);
        if (first < 0) first = _ranges.Count;
        int behind = first;
        while (behind < _ranges.Count && _ranges[behind].From <= to)
        {
            from = Math.Min(from, _ranges[behind].From);
            to = Math.Max(to, _ranges[behind].To);
            Count -= _ranges[behind].To - _ranges[behind].From;
            behind++;
        }
        _ranges.RemoveRange(first, behind - first);
        _ranges.Insert(first, (from, to));
        Count += to - from;
        return Count - before;
    }

    /// <summary>Returns how many sequences in [from, to) are known to be lost.</summary>
    public long CountIn(long from, long to)
    {
        long count = 0;
        foreach ((long From, long To) range in _ranges) count += Math.Max(0, Math.Min(range.To, to) - Math.Max(range.From, from));
        return count;
    }

    /// <summary>Removes the sequences below, which are no longer held.</summary>
    public void ForgetBelow(long sequence)
    {
        while (_ranges.Count > 0 && _ranges[0].From < sequence)
        {
            (long from, long to) = _ranges[0];
            Count -= Math.Min(to, sequence) - from;
            if (to > sequence)
            {
                _ranges[0] = (sequence, to);
                return;
            }
            _ranges.RemoveAt(0);
        }
    }
}
