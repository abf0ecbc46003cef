using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;

namespace Concentrator.Queues;

/// <summary>
/// The queue between reception and one output: the only state that producers and the output's target share.
/// <para>
/// Invariants: Blocks leave in the order in which they were begun. A message is in exactly one place (the block being
/// filled, the queue, or the hands of the target) and is counted as queued until it is settled. Queue and counters
/// change under one lock (<see cref="OutputLock"/>), so the ledger balances at every moment.
/// </para>
/// Any thread may produce. One target consumes (take, give back, settle).
/// </summary>
internal sealed class MemoryQueue : DeliveryQueue
{
    private readonly OutputCounters _counters;
    private readonly OutputLock _gate;
    private readonly BlockPool _pool;
    private readonly WhenFull _whenFull;
    private readonly Action<DropReason> _onFull;

    // Guarded by _gate.
    private readonly MemoryLevel _level;
    private WaitingBlocks _blocks;
    private ConsumerWait _wait;
    private bool _isRefused;
    private bool _isClosed;

    private volatile Action _wakeConsumer = static () => { };

    /// <param name="limit">Bytes of messages that may be queued, including those in the target's hands.</param>
    /// <param name="onFull">Called under the lock when dropping begins; must return at once.</param>
    public MemoryQueue(
        OutputCounters counters, BlockPool pool, WhenFullBarrier backPressure, WhenFull whenFull, long limit, Action<DropReason> onFull)
    {
        _counters = counters;
        _gate = counters.Gate;
        _pool = pool;
        _whenFull = whenFull;
        _onFull = onFull;
        _wait = new ConsumerWait(limit);
        _level = new MemoryLevel(limit, backPressure.StreamReadPause, new WhenFullState(whenFull, backPressure, onFull));
    }

    public override long Limit => _level.Limit;

    /// <summary>
    /// Takes the queue's lock, which a producer holds from <see cref="ReserveUnsynchronized"/> to <see cref="CommitUnsynchronized"/>, until
    /// the returned scope is disposed.
    /// </summary>
    public Lock.Scope Enter() => _gate.Enter();

    public override Action WakeConsumer
    {
        set => _wakeConsumer = value;
    }

    public override bool IsEmpty
    {
        get
        {
            using (_gate.Enter()) return _blocks.IsEmpty;
        }
    }

    public override bool HasBlock
    {
        get
        {
            if (!_gate.TryEnter()) return false;
            bool has = !_blocks.IsEmpty;
            _gate.Exit();
            return has;
        }
    }

    /// <summary>
    /// Counts one message and returns the room for its <paramref name="length"/> bytes (step 5 of the journey). The caller
    /// holds the lock (<see cref="Enter"/>), fills the room and commits before releasing it. Empty when the message was dropped and counted.
    /// </summary>
    public Span<byte> ReserveUnsynchronized(int length)
    {
        if (_isClosed)
        {
            _counters.RefuseUnsynchronized(DropReason.OutputRemoved);
            return default;
        }
        if (length == 0)
        {
            // The message renders to no bytes (an empty raw frame): there is nothing to deliver.
            _counters.AcceptEmptyUnsynchronized();
            return default;
        }
        if (!_level.Fits(length) && !MakeRoom(length))
        {
            _counters.RefuseUnsynchronized(DropReason.QueueFullNewest);
            return default;
        }
        if (!_blocks.HasRoom(length))
        {
            if (_pool.TryRent(length) is not { } next)
            {
                if (!_isRefused) _onFull(DropReason.OutOfMemory);
                _isRefused = true;
                _counters.RefuseUnsynchronized(DropReason.OutOfMemory);
                return default;
            }
            _isRefused = false;
            _blocks.Begin(next);
        }
        _level.Add(length);
        _counters.AcceptUnsynchronized(length);
        return _blocks.Extend(length);
    }

    /// <summary>The counters of the output.</summary>
    public OutputCounters Counters => _counters;

    /// <summary>Counts as cut the message that is reserved next: it was too long for the output.</summary>
    public void CutUnsynchronized() => _counters.CutUnsynchronized();

    /// <summary>The reserved room is filled: in crash-safe memory, the message survives the process from now on.</summary>
    public void CommitUnsynchronized() => _blocks.Commit();

    /// <summary>
    /// Queues first what an earlier process accepted and did not deliver. Call once, before anything produces or consumes.
    /// </summary>
    public void Recover(IReadOnlyList<Block> blocks)
    {
        using (_gate.Enter())
        {
            foreach (Block block in blocks)
            {
                _counters.RecoverUnsynchronized(block.Messages, block.Length, isOnDisk: false);
                _level.Recover(block.Length);
                _blocks.AppendFull(block);
            }
        }
    }

    /// <summary>Ends a producer's batch: wakes the consumer if it waits for a block, or rests and several full ones are queued.</summary>
    public void Publish()
    {
        using (_gate.Enter())
        {
            if (!_wait.TryEnd(_blocks)) return;
        }
        _wakeConsumer();
    }

    public override bool TryRest()
    {
        using (_gate.Enter()) return !_isClosed && _wait.TryRest(_blocks);
    }

    /// <summary>
    /// Takes the oldest block, which the consumer settles or gives back; the block being filled if there is no other, so that a quiet
    /// output has no delay. Null when all are taken: the next <see cref="Publish"/> then wakes the consumer.
    /// </summary>
    public override Block? TryTake()
    {
        using (_gate.Enter())
        {
            Block? block = _blocks.TakeOldest();
            _wait.Ask(gotBlock: block is not null);
            return block;
        }
    }

    public override void GiveBack(ref BlockList blocks)
    {
        using (_gate.Enter()) _blocks.Prepend(ref blocks);
    }

    public override void Settle(Block block)
    {
        if (block.IsReplay) return;
        using (_gate.Enter())
        {
            _counters.DeliverUnsynchronized(block.QueuedMessages, block.QueuedBytes);
            _level.Release(block.QueuedBytes);
        }
    }

    public override void SettleFirst(Block block, int messages, int bytes)
    {
        if (block.IsReplay || messages <= block.CountedMessages) return;
        using (_gate.Enter())
        {
            int before = block.QueuedBytes;
            _counters.DeliverUnsynchronized(messages - block.CountedMessages, bytes - block.CountedBytes);
            block.Count(messages, bytes);
            _level.Release(before - block.QueuedBytes);
        }
    }

    public override void Refuse(Block block)
    {
        using (_gate.Enter())
        {
            _counters.RefuseUnsynchronized(block.QueuedMessages, block.QueuedBytes, block.Messages - block.QueuedMessages);
            _level.Release(block.QueuedBytes);
        }
    }

    public override void Recycle(Block block) => _pool.Return(block);

    public override void Close()
    {
        using (_gate.Enter())
        {
            _isClosed = true;
            _wait.End();
        }
        _wakeConsumer();
    }

    /// <summary>
    /// Drops and counts everything still queued, except crash-safe blocks at shutdown, which are kept for the next start.
    /// Returns the number of dropped messages.
    /// </summary>
    public override long End(DropReason reason)
    {
        long dropped = 0;
        while (TryTake() is { } block)
        {
            if (reason == DropReason.Shutdown && block is { Survives: true, IsReplay: false }) continue;
            if (!block.IsReplay)
            {
                using (_gate.Enter())
                {
                    dropped += block.QueuedMessages;
                    _counters.DropUnsynchronized(reason, block.QueuedMessages, block.QueuedBytes);
                    _level.Release(block.QueuedBytes);
                }
            }
            _pool.Return(block);
        }
        using (_gate.Enter()) _level.LetStreamsGo();
        _pool.Close();
        return dropped;
    }

    /// <summary>Hands a taken block over to another keeper: its messages remain queued, but take no room here.</summary>
    /// <param name="block">The block.</param>
    /// <param name="isStored">Whether it is on disk.</param>
    public void HandOver(Block block, bool isStored)
    {
        using (_gate.Enter())
        {
            _counters.LeaveMemoryUnsynchronized(block.QueuedMessages, isStored);
            _level.Release(block.QueuedBytes);
        }
    }

    private bool MakeRoom(int length)
    {
        if (_whenFull == WhenFull.Block) return true;
        if (_whenFull == WhenFull.DropNewest) return false;

        // Blocks in the target's hands cannot be dropped here: if they take all the room, the new message is dropped.
        while (!_level.Fits(length))
        {
            Block? oldest = _blocks.TakeFull();
            if (oldest is null) return false;
            if (!oldest.IsReplay)
            {
                _counters.DropUnsynchronized(DropReason.QueueFullOldest, oldest.QueuedMessages, oldest.QueuedBytes);
                _counters.LeaveMemoryUnsynchronized(oldest.QueuedMessages, isStored: false);
                _level.Drop(oldest.QueuedBytes);
            }
            _pool.Return(oldest);
        }
        return true;
    }
}
