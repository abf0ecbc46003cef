using Concentrator.Accounting;
using Concentrator.Configuration.Options;

namespace Concentrator.Queues;

/// <summary>
/// Whether a queue is full, and what begins and ends with that: senders wait, or the operator is told that messages are dropped,
/// as <c>Spool:WhenFull</c> says. Not thread-safe: used under the queue's lock, or by its thread.
/// </summary>
/// <param name="onDropping">Called when dropping begins: must return at once.</param>
internal sealed class QueueFullState(WhenFull whenFull, BackPressure backPressure, Action<DropReason> onDropping)
{
    /// <summary>From <see cref="Begin"/> to <see cref="End"/>.</summary>
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
