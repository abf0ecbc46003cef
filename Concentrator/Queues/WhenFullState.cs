using Concentrator.Accounting;
using Concentrator.Configuration.Options;

namespace Concentrator.Queues;

/// <summary>
/// Whether a queue is full. While it is, senders wait or messages are dropped, as <c>Spool:WhenFull</c> says; the start of dropping is
/// reported. Not thread-safe: used under the queue's lock, or by its thread.
/// </summary>
/// <param name="onDropping">Called when dropping begins; must return at once.</param>
internal sealed class WhenFullState(WhenFull whenFull, WhenFullBarrier backPressure, Action<DropReason> onDropping)
{
    /// <summary>True from <see cref="Begin"/> to <see cref="End"/>.</summary>
    public bool IsFull { get; private set; }

    public void Begin()
    {
        if (IsFull) return;
        IsFull = true;
        if (whenFull == WhenFull.Block) backPressure.Close();
        else onDropping(whenFull == WhenFull.DropNewest ? DropReason.QueueFullNewest : DropReason.QueueFullOldest);
    }

    public void End()
    {
        if (!IsFull) return;
        IsFull = false;
        if (whenFull == WhenFull.Block) backPressure.Open();
    }
}
