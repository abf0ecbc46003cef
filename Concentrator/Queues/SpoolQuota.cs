using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Segments;

namespace Concentrator.Queues;

/// <summary>The answers of <see cref="SpoolQuota.MakeFor"/>.</summary>
internal enum QuotaAnswer : byte
{
    /// <summary>There is room now.</summary>
    Made,

    /// <summary>There is no room, and <c>WhenFull</c> drops the new message; or nothing older is left to drop.</summary>
    None,

    /// <summary>There is no room, and <c>WhenFull</c> makes senders wait.</summary>
    MustWait,
}

/// <summary>
/// Keeps one log within its share of <c>Spool:MaxSize</c>, as <c>Spool:WhenFull</c> says. Used by the queue's thread.
/// </summary>
internal sealed class SpoolQuota
{
    private readonly SpoolShares _budget;
    private readonly WhenFull _whenFull;
    private readonly WhenFullState _fullness;
    private readonly DiskFreeSpace? _disk;

    /// <param name="onFull">Called when dropping begins.</param>
    /// <param name="disk">Free space to measure; null = not measured.</param>
    public SpoolQuota(SpoolShares budget, WhenFull whenFull, WhenFullBarrier backPressure, Action<DropReason> onFull, DiskFreeSpace? disk = null)
    {
        _budget = budget;
        _whenFull = whenFull;
        _fullness = new WhenFullState(whenFull, backPressure, onFull);
        _disk = disk;
        budget.Join();
    }

    /// <summary>Measures the free space of the file system, once per housekeeping.</summary>
    public void Watch() => _disk?.Look();

    /// <summary>Whether less than an eighth of the share is left: delivered messages should then leave the log at once.</summary>
    public bool IsShort(SegmentLog log) => log.Bytes > _budget.Share / 8 * 7;

    /// <param name="length">Bytes of the block to be appended.</param>
    /// <param name="oldest">Drops and counts what has to make room.</param>
    public QuotaAnswer MakeFor(int length, SegmentLog log, OldestSegmentDrop oldest)
    {
        if (!IsShort(log)) _fullness.End();

        // Once full, it stays full until an eighth is free: otherwise small blocks would overtake larger ones that were refused.
        if (_fullness.IsFull && _whenFull != WhenFull.DropOldest) return Refused;
        while (log.Bytes + log.GrowthOf(length) > _budget.Share)
        {
            _fullness.Begin();
            if (_whenFull != WhenFull.DropOldest || !log.CanDropOldest) return Refused;
            oldest.Run();
        }
        return QuotaAnswer.Made;
    }

    private QuotaAnswer Refused => _whenFull == WhenFull.Block ? QuotaAnswer.MustWait : QuotaAnswer.None;

    /// <summary>The log is closed: its share is divided among the others.</summary>
    public void Leave()
    {
        _fullness.End();
        _budget.Leave();
    }
}
