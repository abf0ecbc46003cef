namespace Concentrator.Accounting.HAProxyTraffic;

// HAProxy writes its count (%lc) into a line and only then adds one: two threads may write the same number, and the next one is then never written.
// So missing numbers prove nothing, but numbers without lines do: from the first line to the highest number, as many lines must have come. The
// difference is too high while a line is on its way, so what counts is its least value over many lines.

/// <summary>
/// Finds lines that never came, by the count that HAProxy keeps of each frontend's lines. A worker counts from zero, so each is followed by itself: the
/// two latest of a frontend, because the old one finishes its requests after a reload. Any thread may call.
/// </summary>
internal sealed class CounterGaps
{
    /// <summary>Lines after which the least difference counts.</summary>
    public const int Round = 512;

    /// <summary>A number this far below the highest is another worker's, where lines have no process ID.</summary>
    private const long Restart = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Worker[]> _frontends = [];

    /// <summary>Follows one line.</summary>
    /// <param name="frontend">Its number, not <see cref="KnownNames.Other"/>.</param>
    /// <param name="process">The worker's process ID as sent; empty if unknown.</param>
    /// <param name="counter">The value of <c>%lc</c>.</param>
    /// <returns>Lines found to be lost by this one.</returns>
    public long Follow(int frontend, ReadOnlySpan<byte> process, long counter)
    {
        HashCode hash = default;
        hash.AddBytes(process);
        int id = hash.ToHashCode();
        lock (_gate)
        {
            if (!_frontends.TryGetValue(frontend, out Worker[]? workers)) _frontends.Add(frontend, workers = new Worker[2]);
            if (workers[0].Lines == 0 || workers[0].Id != id)
            {
                (workers[0], workers[1]) = (workers[1], workers[0]);
                if (workers[0].Lines == 0 || workers[0].Id != id) workers[0] = new Worker { Id = id, First = counter, Highest = counter, Least = long.MaxValue };
            }
            if (counter < workers[0].Highest - Restart) workers[0] = new Worker { Id = id, First = counter, Highest = counter, Least = long.MaxValue };
            return workers[0].Follow(counter);
        }
    }

    private struct Worker
    {
        public int Id;
        public long First;
        public long Highest;
        public long Least;
        public long Lines;
        private long _inRound;
        private long _lost;

        public long Follow(long counter)
        {
            Lines++;
            if (counter > Highest) Highest = counter;
            if (counter < First) First = counter;
            Least = Math.Min(Least, Highest - First + 1 - Lines);
            if (++_inRound < Round) return 0;
            long more = Math.Max(0, Least - _lost);
            _lost += more;
            _inRound = 0;
            Least = long.MaxValue;
            return more;
        }
    }
}
