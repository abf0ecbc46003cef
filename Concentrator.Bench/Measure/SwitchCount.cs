namespace Concentrator.Bench.Measure;

/// <summary>
/// The sum of counters that threads carry, over several looks: a thread that has ended keeps its last count, and one that has the
/// number of an ended one begins anew. Not thread-safe.
/// </summary>
internal sealed class SwitchCount
{
    private readonly Dictionary<int, long> _last = [];
    private long _ended;
    private long _forgotten;

    /// <summary>Since the last <see cref="Forget"/>.</summary>
    public long Total => Sum - _forgotten;

    private long Sum => _ended + _last.Values.Sum();

    /// <param name="thread">Its number.</param>
    /// <param name="count">Since that thread's start.</param>
    public void Saw(int thread, long count)
    {
        // A thread's own counter never falls: this is another thread.
        if (_last.TryGetValue(thread, out long last) && count < last) _ended += last;
        _last[thread] = count;
    }

    /// <summary>What was seen so far counts no more.</summary>
    public void Forget() => _forgotten = Sum;
}
