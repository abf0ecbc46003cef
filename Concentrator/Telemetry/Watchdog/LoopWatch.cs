using System.Globalization;

namespace Concentrator.Telemetry.Watchdog;

/// <summary>
/// The rule by which a server is alive: every loop on the way of a message has moved, or waits for something that has not come. What
/// stands at one place for the whole of the watchdog's time without waiting is stuck; a restart mends that. What others owe, a disk, a
/// peer, room, no restart brings, so a loop that waits for it is well, and while the kernel holds a thread for a disk, all are. Any
/// thread may look; a look takes no lock of the loops'.
/// </summary>
/// <param name="loops">Those that run.</param>
/// <param name="patience">The watchdog's time; two looks come in it.</param>
/// <param name="time">The clock.</param>
/// <param name="threads">This process's.</param>
internal sealed class LoopWatch(RunningLoops loops, TimeSpan patience, TimeProvider time, HeldThreads threads)
{
    /// <summary>
    /// Looks that find a loop in the same place before it is called stuck: where the whole process was stopped for a while, the looks were too.
    /// </summary>
    private const int LeastLooks = 3;

    /// <summary>Of the patience: timers come a little early and late.</summary>
    private const double Whole = 0.9;

    private readonly Lock _gate = new();
    private Dictionary<LoopMark, Seen> _seen = [];
    private HashSet<int> _held = [];

    /// <summary>Null while all is well; else one line that names the loops that are stuck.</summary>
    public string? Look()
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            Dictionary<LoopMark, Seen> seen = loops.All().ToDictionary(static mark => mark, mark => Judge(mark, now));
            bool isHeld = IsHeld(seen);
            if (isHeld) seen = seen.ToDictionary(static found => found.Key, static found => found.Value with { Looks = 0 });
            _seen = seen;
            List<string> stuck = [.. seen.Where(found => IsStuck(found.Value, now)).Select(static found => found.Key.Name)];
            stuck.Sort(StringComparer.Ordinal);
            return stuck.Count == 0
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"no movement for {patience.TotalSeconds:0.#} s of {string.Join(", ", stuck)}");
        }
    }

    private Seen Judge(LoopMark mark, long now)
    {
        Seen before = _seen.GetValueOrDefault(mark);
        long position = mark.Position;
        LoopWait wait = LoopMark.WaitAt(position);
        if (wait != LoopWait.None && mark.HasCome?.Invoke(wait) != true) return new Seen(position, now, 0);
        return before.Looks > 0 && before.Position == position ? before with { Looks = before.Looks + 1 } : new Seen(position, now, 1);
    }

    /// <summary>
    /// Two looks in a row have found a thread held: who stands still may wait for a lock that it has, and a process with such a thread
    /// cannot even be ended. A loop that moves does not count: it is in and out of such sleeps, as whoever writes to a disk is.
    /// </summary>
    private bool IsHeld(Dictionary<LoopMark, Seen> seen)
    {
        HashSet<int> before = _held;
        _held = seen.Values.Any(static found => found.Looks > 1) ? threads.Read() : [];
        if (_held.Count == 0 || before.Count == 0) return false;
        HashSet<int> held = [.. _held.Intersect(before)];
        foreach ((LoopMark mark, Seen found) in seen)
        {
            if (mark.Thread is { } thread && found.Position != _seen.GetValueOrDefault(mark).Position) held.Remove(thread);
        }
        return held.Count > 0;
    }

    private bool IsStuck(Seen found, long now) => found.Looks >= LeastLooks && time.GetElapsedTime(found.Since, now) >= Whole * patience;

    /// <param name="Position">Where the loop was.</param>
    /// <param name="Since">When it was first found there, as the clock's timestamp.</param>
    /// <param name="Looks">So many looks in a row have found it there with no reason to wait; 0 = it had one.</param>
    private readonly record struct Seen(long Position, long Since, int Looks);
}
