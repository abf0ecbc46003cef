using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Segments;

namespace Concentrator.Queues;

/// <summary>What <see cref="SpoolQuota"/> answers.</summary>
internal enum QuotaAnswer : byte
{
    /// <summary>There is room now.</summary>
    Made,

    /// <summary>There is none, and the operator wants the new message dropped; or nothing older is left to drop.</summary>
    None,

    /// <summary>There is none, and the operator wants senders to wait.</summary>
    MustWait,
}

/// <summary>
/// Keeps one log within its share of <c>Spool:MaxSize</c>, the way <c>Spool:WhenFull</c> says. Used by the queue's thread.
/// </summary>
internal sealed class SpoolQuota
{
    private readonly SpoolShares _budget;
    private readonly WhenFull _whenFull;
    private readonly QueueFullState _fullness;
    private readonly DiskFreeSpace? _disk;

    /// <param name="onFull">Called when dropping begins.</param>
    /// <param name="disk">Watched; null = nobody wants to know.</param>
    public SpoolQuota(SpoolShares budget, WhenFull whenFull, BackPressure backPressure, Action<DropReason> onFull, DiskFreeSpace? disk = null)
    {
        _budget = budget;
        _whenFull = whenFull;
        _fullness = new QueueFullState(whenFull, backPressure, onFull);
        _disk = disk;
        budget.Join();
    }

    /// <summary>Once a housekeeping: how much the file system has left.</summary>
    public void Watch() => _disk?.Look();

    /// <summary>What is delivered had better leave the log at once: an eighth is left at most.</summary>
    public bool IsShort(SegmentLog log) => log.Bytes > _budget.Share / 8 * 7;

    /// <param name="length">Bytes of the block to be appended.</param>
    /// <param name="lost">Messages dropped with their segment to make room; those that memory holds are not among them.</param>
    public QuotaAnswer MakeFor(int length, SegmentLog log, ReadAhead ahead, out long lost)
    {
        lost = 0;
        if (!IsShort(log)) _fullness.End();

        // Once full, full for good until an eighth is free: else small blocks would slip past larger ones that were refused.
        if (_fullness.IsFull && _whenFull != WhenFull.DropOldest) return Refused;
        while (log.Bytes + log.GrowthOf(length) > _budget.Share)
        {
            _fullness.Begin();
            if (_whenFull != WhenFull.DropOldest || !log.CanDropOldest) return Refused;
            lost += log.DropOldest(ahead.End);
            ahead.Continue(null, log.FirstSequence);
        }
        return QuotaAnswer.Made;
    }

    private QuotaAnswer Refused => _whenFull == WhenFull.Block ? QuotaAnswer.MustWait : QuotaAnswer.None;

    /// <summary>The log is closed: its share goes to the others.</summary>
    public void Leave()
    {
        _fullness.End();
        _budget.Leave();
    }
}
