using Concentrator.Queues.Blocks;

namespace Concentrator.Queues;

/// <summary>
/// What the consumer of a <see cref="MemoryQueue"/> waits for, so that it is woken once, and no earlier than it has to be: any block, or
/// several full ones while it rests. Not thread-safe: the queue's lock (<see cref="Accounting.OutputLock"/>) is held; the caller wakes the
/// consumer after releasing it.
/// </summary>
/// <param name="limit">Bytes of messages that the queue may hold.</param>
internal struct ConsumerWait(long limit)
{
    /// <summary>
    /// Bytes of full blocks that end a rest: at 100,000 messages a second a block fills every 2 ms, and each wake-up costs as much as
    /// sending it.
    /// </summary>
    private const long LargestMark = 4 * Block.Capacity - 1;

    private readonly long _mark = Math.Min(LargestMark, limit / 8);
    private bool _isIdle;
    private bool _rests;

    /// <summary>The consumer asked for a block, and got one or waits for it.</summary>
    public void Ask(bool gotBlock)
    {
        _isIdle = !gotBlock;
        _rests = false;
    }

    /// <summary>The consumer wants to rest; false when it may not, because so much waits already.</summary>
    public bool TryRest(in WaitingBlocks blocks) => _rests = blocks.FullBytes < _mark;

    /// <summary>Whether the consumer waits for what is there; it counts as woken then.</summary>
    public bool TryEnd(in WaitingBlocks blocks)
    {
        bool isOver = _rests ? blocks.FullBytes >= _mark : _isIdle && !blocks.IsEmpty;
        if (isOver) End();
        return isOver;
    }

    /// <summary>The consumer is woken whatever it waits for.</summary>
    public void End() => _isIdle = _rests = false;
}
