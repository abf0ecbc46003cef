using System.Globalization;

namespace Concentrator.Telemetry.Watchdog;

/// <summary>
/// Decides whether a server is alive: every loop on the path of a message has moved, or waits for something that has not come. A loop
/// that stays in one place for the whole watchdog time without waiting is stuck, and a restart fixes that. A restart does not provide
/// what depends on others (a disk, a peer, room), so a loop that waits for one is healthy, and while the kernel holds a thread for a
/// disk, all are. Any thread may look; a look takes none of the loops' locks.
/// </summary>
/// <param name="loops">The running loops.</param>
/// <param name="patience">The watchdog time, which covers two looks.</param>
/// <param name="time">The clock.</param>
/// <param name="threads">The threads of this process.</param>
internal sealed class LoopWatch(RunningLoops loops, TimeSpan patience, TimeProvider time, BlockedThreads threads)
{
    /// <summary>
    /// Looks that must find a loop in the same place before it is stuck: if the whole process was stopped for a while, so were the looks.
    /// </summary>
    private const int LeastLooks = 3;

    /// <summary>Fraction of the patience that counts as all of it, because timers fire a little early and late.</summary>
    private const double Whole = 0.9;

    private readonly Lock _gate = new();
    private Dictionary<LoopHeartbeat, Seen> _seen = [];
    private HashSet<int> _held = [];

    /// <summary>Returns null while all is well; otherwise one line that names the stuck loops.</summary>
    public string? Look()
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            Dictionary<LoopHeartbeat, Seen> seen = loops.All().ToDictionary(static mark => mark, mark => Judge(mark, now));
            bool isHeld = IsHeld(seen);
            if (isHeld) seen = seen.ToDictionary(static found => found.Key, static found => found.Value with { Looks = 0 });
            _seen = seen;
            List<string> stuck = [.. seen.Where(found => IsStuck(found.Value, now)).Select(static found => found.Key.Name)];
            stuck.Sort(StringComparer.Ordinal);
            return stuck.Count == 0
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"no progress for {patience.TotalSeconds:0.#} s in {string.Join(", ", stuck)}");
        }
    }

    private Seen Judge(LoopHeartbeat mark, long now)
    {
        Seen before = _seen.GetValueOrDefault(mark);
        long position = mark.Position;
        LoopWait wait = LoopHeartbeat.WaitAt(position);
        if (wait != LoopWait.None && mark.HasCome?.Invoke(wait) != true) return new Seen(position, now, 0);
        return before.Looks > 0 && before.Position == position ? before with { Looks = before.Looks + 1 } : new Seen(position, now, 1);
    }

    /// <summary>
    /// Whether two consecutive looks have found a thread held: loops that do not move may wait for a lock that it holds, and a process with
    /// such a thread cannot even be killed. A loop that moves does not count: it enters and leaves such sleeps as every disk writer does.
    /// </summary>
    private bool IsHeld(Dictionary<LoopHeartbeat, Seen> seen)
    {
        HashSet<int> before = _held;
        _held = seen.Values.Any(static found => found.Looks > 1) ? threads.Read() : [];
        if (_held.Count == 0 || before.Count == 0) return false;
        HashSet<int> held = [.. _held.Intersect(before)];
        foreach ((LoopHeartbeat mark, Seen found) in seen)
        {
            if (mark.Thread is { } thread && found.Position != _seen.GetValueOrDefault(mark).Position) held.Remove(thread);
        }
        return held.Count > 0;
    }

    private bool IsStuck(Seen found, long now) => found.Looks >= LeastLooks && time.GetElapsedTime(found.Since, now) >= Whole * patience;

    /// <param name="Position">Position of the loop.</param>
    /// <param name="Since">Timestamp at which it was first found there.</param>
    /// <param name="Looks">Consecutive looks that found it there with no reason to wait; 0 = it had one.</param>
    private readonly record struct Seen(long Position, long Since, int Looks);
}
