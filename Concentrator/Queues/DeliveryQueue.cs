using Concentrator.Accounting;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Files;
using Concentrator.Queues.Totals;

namespace Concentrator.Queues;

/// <summary>
/// The queue that a target takes its blocks from: the memory of a <see cref="MemoryQueue"/>, or a disk behind it
/// (<see cref="DiskQueue"/>). It has one consumer, whose calls never touch a disk and never wait.
/// </summary>
internal abstract class DeliveryQueue
{
    private BlockIdentity? _identity;

    /// <summary>Called when there is a block for an idle consumer. Set by the target that consumes.</summary>
    public abstract Action WakeConsumer { set; }

    /// <summary>Whether no block waits to be taken; blocks that the consumer holds do not count.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>
    /// Whether a block can be taken at once; a consumer that waits for one is, or has been, woken. Any thread may ask; false when the
    /// answer would have to wait for a lock.
    /// </summary>
    public abstract bool HasBlock { get; }

    /// <summary>Bytes of messages that may be held in memory.</summary>
    public abstract long Limit { get; }

    /// <summary>
    /// Whether <see cref="End"/> would keep everything queued for the next start, as far as is known: a consumer that cannot deliver
    /// now need not wait. Read when the queue is closed.
    /// </summary>
    public virtual bool KeepsWhatIsLeft => false;

    /// <summary>Whether the consumer is woken regularly while taken blocks are not settled, as long as the disk works.</summary>
    public virtual bool WakesForSettling => false;

    /// <summary>
    /// How long a persistent queue keeps settled messages, unless it is short of room: after a kill they are delivered again.
    /// Set by the target that consumes.
    /// </summary>
    public virtual TimeSpan HoldsSettled
    {
        set { }
    }

    /// <summary>
    /// Whether a block that the consumer takes is always what the log holds as one record, or the rest of it: also after a restart. Set by the
    /// target that consumes; others get more messages a block.
    /// </summary>
    public virtual bool KeepsRecords
    {
        set { }
    }

    /// <summary>
    /// Names what is sent, for a peer that recognises what it gets twice. Made when it is first asked for: random numbers load the
    /// cryptographic library, a third of a start.
    /// </summary>
    public BlockIdentity Identity => _identity ??= MakeIdentity();

    /// <summary>What is counted of the output beyond the process; null for a queue in memory.</summary>
    public virtual OutputTotalsFile? Totals => null;

    /// <summary>
    /// Takes the oldest block, which the consumer settles or gives back. Null when there is none; the consumer is then woken when
    /// there is one.
    /// </summary>
    public abstract Block? TryTake();

    /// <summary>
    /// Announces that the consumer takes nothing for a while: until its next <see cref="TryTake"/>, only several full blocks or the
    /// close wake it. False when that many blocks already wait.
    /// </summary>
    public virtual bool TryRest() => true;

    /// <summary>Returns blocks that were taken and could not be delivered to the front, in order.</summary>
    public abstract void GiveBack(ref BlockList blocks);

    /// <summary>A taken block has been delivered. The consumer owns its bytes until <see cref="Recycle"/>.</summary>
    public abstract void Settle(Block block);

    /// <summary>
    /// The first messages and bytes of a taken block have been delivered; both include those settled before. The
    /// others are settled later, or given back with the block.
    /// </summary>
    public abstract void SettleFirst(Block block, int messages, int bytes);

    /// <summary>
    /// The peer permanently refuses the only message of a taken block: it is dropped and counted. If it had been counted as delivered,
    /// because the peer's TCP had acknowledged it, it is counted with the next message that is delivered. The consumer owns the block
    /// until <see cref="Recycle"/>.
    /// </summary>
    public abstract void Refuse(Block block);

    /// <summary>Directory for messages that the peer refuses; null = they are not kept.</summary>
    public virtual string? RefusedDirectory => null;

    /// <summary>Returns a settled block that the consumer no longer needs.</summary>
    public abstract void Recycle(Block block);

    /// <summary>Accepts no more messages; queued ones can still be taken.</summary>
    public abstract void Close();

    /// <summary>
    /// The consumer has ended: keeps what can be kept for the next start, drops and counts the rest, and returns the number of
    /// dropped messages. May wait for a disk.
    /// </summary>
    public abstract long End(DropReason reason);

    /// <summary>An identity for this process, where no disk keeps one.</summary>
    protected virtual BlockIdentity MakeIdentity() => new(SpoolIdentityFile.NewIdentity());
}
