namespace Concentrator.Bench.Measure;

/// <summary>
/// The sum of per-thread counters over several samples. An ended thread keeps its last count, and a new thread with the same number starts
/// from zero. Not thread-safe.
/// </summary>
internal sealed class SwitchCount
{
    private readonly Dictionary<int, long> _last = [];
    private long _ended;
    private long _forgotten;

    /// <summary>The sum since the last <see cref="Forget"/>.</summary>
    public long Total => Sum - _forgotten;

    private long Sum => _ended + _last.Values.Sum();

    /// <param name="thread">The thread's number.</param>
    /// <param name="count">The count since that thread's start.</param>
    public void Saw(int thread, long count)
    {
        // A thread's counter never decreases, so this is another thread.
        if (_last.TryGetValue(thread, out long last) && count < last) _ended += last;
        _last[thread] = count;
    }

    /// <summary>Resets <see cref="Total"/> to zero.</summary>
    public void Forget() => _forgotten = Sum;
}
