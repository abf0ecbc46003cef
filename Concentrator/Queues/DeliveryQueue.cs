using Concentrator.Accounting;
using Concentrator.Queues.Blocks;

namespace Concentrator.Queues;

/// <summary>
/// Where a target takes its blocks from: the memory of a <see cref="MemoryQueue"/>, or a disk behind it
/// (<see cref="DiskQueue"/>). One consumer; its calls never touch a disk and never wait.
/// </summary>
internal abstract class DeliveryQueue
{
    /// <summary>Called when an idle consumer has something to take. Set by the target that consumes.</summary>
    public abstract Action WakeConsumer { set; }

    /// <summary>Nothing waits to be taken; what the consumer holds does not count.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>
    /// There is something to take at once, and a consumer that waits for it is to be woken, or has been. Any thread may ask; where the answer
    /// would have to be waited for, it is no.
    /// </summary>
    public abstract bool HasBlock { get; }

    /// <summary>Bytes of messages that may be held in memory.</summary>
    public abstract long Limit { get; }

    /// <summary>
    /// <see cref="End"/> would keep all that is queued for the next start, as far as can be known: a consumer that cannot deliver
    /// now need not wait. Asked when the queue is closed.
    /// </summary>
    public virtual bool KeepsWhatIsLeft => false;

    /// <summary>While something was taken and is not settled, the consumer is woken every so often, as long as the disk works.</summary>
    public virtual bool WakesForSettling => false;

    /// <summary>
    /// For so long a queue that outlives the process keeps what is settled, unless it is short of room: after a kill it comes once more.
    /// Set by the target that consumes.
    /// </summary>
    public virtual TimeSpan HoldsSettled
    {
        set { }
    }

    /// <summary>
    /// The oldest block, for the consumer to settle or give back. Null when there is none now: the consumer is then woken when
    /// there is one.
    /// </summary>
    public abstract Block? TryTake();

    /// <summary>
    /// The consumer takes nothing for a while: until its next <see cref="TryTake"/>, only several full blocks wake it, or the close.
    /// False when there are so many already.
    /// </summary>
    public virtual bool TryRest() => true;

    /// <summary>Blocks that were taken and could not be delivered return to the front, in their order.</summary>
    public abstract void GiveBack(ref BlockList blocks);

    /// <summary>A taken block has been delivered. Its bytes stay the consumer's until <see cref="Recycle"/>.</summary>
    public abstract void Settle(Block block);

    /// <summary>
    /// Of a taken block, the first so many messages and bytes have been delivered (those that were before are among them). The
    /// others are settled later, or given back with the block.
    /// </summary>
    public abstract void SettleFirst(Block block, int messages, int bytes);

    /// <summary>
    /// The peer refuses the message of a taken block, which holds no other, and always will: it is dropped and counted; where it
    /// had been counted as delivered, because the peer's TCP had acknowledged it, with the next message that is delivered. The block is the consumer's
    /// until <see cref="Recycle"/>.
    /// </summary>
    public abstract void Refuse(Block block);

    /// <summary>Where messages that the peer refuses are put aside; null = nowhere.</summary>
    public virtual string? RefusedDirectory => null;

    /// <summary>The consumer needs a settled block no more.</summary>
    public abstract void Recycle(Block block);

    /// <summary>No message is accepted any more; what is queued stays to be taken.</summary>
    public abstract void Close();

    /// <summary>
    /// The consumer has ended: what can be kept for the next start is kept, the rest is dropped and counted; returns how many
    /// messages that was. May wait for a disk.
    /// </summary>
    public abstract long End(DropReason reason);
}
