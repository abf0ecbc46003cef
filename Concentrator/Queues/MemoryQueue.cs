using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;

namespace Concentrator.Queues;

/// <summary>
/// The queue between reception and one output: the only state that producers and the output's target share.
/// <para>
/// Invariants: Blocks leave in the order in which they were begun. A message is in exactly one place (the block being
/// filled, the queue, or the hands of the target) and is counted as queued until it is settled. Queue and counters
/// change under one lock (<see cref="QueueGate"/>), so the ledger balances at every moment.
/// </para>
/// Any thread may produce. One target consumes (take, give back, settle).
/// </summary>
internal sealed class MemoryQueue : DeliveryQueue
{
    /// <summary>Bytes in memory above which streams wait: about thirty milliseconds of a fast stream.</summary>
    private const long HighMark = 2 * 1024 * 1024;

    /// <summary>
    /// Bytes of full blocks that end a consumer's rest: at 100,000 messages a second a block fills every 2 ms, and each wake-up
    /// costs as much as sending it.
    /// </summary>
    private const long RestMark = 4 * Block.Capacity - 1;

    private readonly OutputCounters _counters;
    private readonly QueueGate _gate;
    private readonly BlockPool _pool;
    private readonly BackPressure _backPressure;
    private readonly WhenFull _whenFull;
    private readonly long _limit;
    private readonly long _highMark;
    private readonly long _restMark;
    private readonly QueueFullState _fullness;
    private readonly Action<DropReason> _onFull;

    // Guarded by _gate.
    private BlockList _sealed;
    private Block? _current;
    private long _bytes;
    private bool _consumerIsIdle;
    private bool _consumerRests;
    private bool _isHigh;
    private bool _isRefused;
    private long _episode;
    private bool _isClosed;

    private volatile Action _wakeConsumer = static () => { };

    /// <param name="limit">Bytes of messages that may be queued, including those in the target's hands.</param>
    /// <param name="onFull">Called under the lock when dropping begins; must return at once.</param>
    public MemoryQueue(
        OutputCounters counters, BlockPool pool, BackPressure backPressure, WhenFull whenFull, long limit, Action<DropReason> onFull)
    {
        _counters = counters;
        _gate = counters.Gate;
        _pool = pool;
        _backPressure = backPressure;
        _whenFull = whenFull;
        _limit = limit;
        _highMark = Math.Min(HighMark, limit / 4);
        _restMark = Math.Min(RestMark, limit / 8);
        _onFull = onFull;
        _fullness = new QueueFullState(whenFull, backPressure, onFull);
    }

    /// <summary>Bytes of messages that may be queued.</summary>
    public override long Limit => _limit;

    /// <summary>
    /// Takes the queue's lock, which a producer holds from <see cref="ReserveUnsynchronized"/> to <see cref="CommitUnsynchronized"/>, until
    /// the returned scope is disposed.
    /// </summary>
    public Lock.Scope Enter() => _gate.Enter();

    /// <inheritdoc/>
    public override Action WakeConsumer
    {
        set => _wakeConsumer = value;
    }

    /// <summary>Whether no block waits to be taken; blocks that a target holds do not count.</summary>
    public override bool IsEmpty
    {
        get
        {
            using (_gate.Enter()) return _current is null && _sealed.IsEmpty;
        }
    }

    /// <inheritdoc/>
    public override bool HasBlock
    {
        get
        {
            if (!_gate.TryEnter()) return false;
            bool has = _current is not null || !_sealed.IsEmpty;
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
            _counters.AcceptUnsynchronized(0);
            _counters.DeliverUnsynchronized(1, 0);
            return default;
        }
        if (_bytes + length > _limit && !MakeRoom(length))
        {
            _counters.RefuseUnsynchronized(DropReason.QueueFullNewest);
            return default;
        }
        if (_current is null || _current.Room < length)
        {
            if (_pool.TryRent(length) is not { } next)
            {
                if (!_isRefused) _onFull(DropReason.OutOfMemory);
                _isRefused = true;
                _counters.RefuseUnsynchronized(DropReason.OutOfMemory);
                return default;
            }

            // Step 6: a full block joins the queue.
            _isRefused = false;
            if (_current is not null) _sealed.Append(_current);
            _current = next;
        }
        _bytes += length;
        if (_bytes > _highMark && !_isHigh)
        {
            _isHigh = true;
            _episode = _backPressure.StreamThrottle.Rise();
        }
        _counters.AcceptUnsynchronized(length);
        return _current.Extend(length);
    }

    /// <summary>Counts as cut the message that is reserved next: it was too long for the output.</summary>
    public void CutUnsynchronized() => _counters.CutUnsynchronized();

    /// <summary>The reserved room is filled: in crash-safe memory, the message survives the process from now on.</summary>
    public void CommitUnsynchronized() => _current!.Commit();

    /// <summary>
    /// Queues first what an earlier process accepted and did not deliver. Call once, before anything produces or consumes.
    /// </summary>
    public void Recover(IReadOnlyList<Block> blocks)
    {
        using (_gate.Enter())
        {
            foreach (Block block in blocks)
            {
                _counters.RecoverUnsynchronized(block.Messages, block.Length);
                _bytes += block.Length;
                _sealed.Append(block);
            }
        }
    }

    /// <summary>Ends a producer's batch: wakes the consumer if it waits for a block, or rests and several full ones are queued.</summary>
    public void Publish()
    {
        using (_gate.Enter())
        {
            bool isAwaited = _consumerRests ? _sealed.Bytes >= _restMark : _consumerIsIdle && !(_current is null && _sealed.IsEmpty);
            if (!isAwaited) return;
            _consumerIsIdle = _consumerRests = false;
        }
        _wakeConsumer();
    }

    /// <inheritdoc/>
    public override bool TryRest()
    {
        using (_gate.Enter()) return _consumerRests = !_isClosed && _sealed.Bytes < _restMark;
    }

    /// <summary>
    /// Takes the oldest block, which the consumer settles or gives back; the block being filled if there is no other, so that a quiet
    /// output has no delay. Null when all are taken: the next <see cref="Publish"/> then wakes the consumer.
    /// </summary>
    public override Block? TryTake()
    {
        using (_gate.Enter())
        {
            Block? block = _sealed.TakeFirst();
            if (block is null)
            {
                block = _current;
                _current = null;
            }
            _consumerIsIdle = block is null;
            _consumerRests = false;
            return block;
        }
    }

    /// <summary>Returns blocks that were taken and could not be delivered to the front, in order.</summary>
    public override void GiveBack(ref BlockList blocks)
    {
        using (_gate.Enter()) _sealed.Prepend(ref blocks);
    }

    /// <summary>A taken block has been delivered. The consumer owns its bytes until <see cref="Recycle"/>.</summary>
    public override void Settle(Block block)
    {
        if (block.IsReplay) return;
        using (_gate.Enter())
        {
            _counters.DeliverUnsynchronized(block.QueuedMessages, block.QueuedBytes);
            Release(block);
        }
    }

    /// <inheritdoc/>
    public override void SettleFirst(Block block, int messages, int bytes)
    {
        if (block.IsReplay || messages <= block.CountedMessages) return;
        using (_gate.Enter())
        {
            int before = block.QueuedBytes;
            _counters.DeliverUnsynchronized(messages - block.CountedMessages, bytes - block.CountedBytes);
            block.Count(messages, bytes);
            Release(before - block.QueuedBytes);
        }
    }

    /// <inheritdoc/>
    public override void Refuse(Block block)
    {
        using (_gate.Enter())
        {
            _counters.RefuseUnsynchronized(block.QueuedMessages, block.QueuedBytes, block.Messages - block.QueuedMessages);
            Release(block);
        }
    }

    /// <summary>Returns a settled block that the consumer no longer needs.</summary>
    public override void Recycle(Block block) => _pool.Return(block);

    /// <summary>
    /// Accepts no more messages; queued ones can still be taken. Afterwards <see cref="End"/> accounts for what
    /// the target could not deliver.
    /// </summary>
    public override void Close()
    {
        using (_gate.Enter())
        {
            _isClosed = true;
            _consumerIsIdle = _consumerRests = false;
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
                    Release(block);
                }
            }
            _pool.Return(block);
        }
        using (_gate.Enter()) ComeDown();
        _pool.Close();
        return dropped;
    }

    /// <summary>Hands a taken block over to another keeper: its messages remain queued, but take no room here.</summary>
    public void HandOver(Block block)
    {
        using (_gate.Enter()) Release(block);
    }

    private bool MakeRoom(int length)
    {
        _fullness.Begin();
        if (_whenFull == WhenFull.Block) return true;
        if (_whenFull == WhenFull.DropNewest) return false;

        // Blocks in the target's hands cannot be dropped here: if they take all the room, the new message is dropped.
        while (_bytes + length > _limit)
        {
            Block? oldest = _sealed.TakeFirst();
            if (oldest is null) return false;
            if (!oldest.IsReplay)
            {
                _counters.DropUnsynchronized(DropReason.QueueFullOldest, oldest.QueuedMessages, oldest.QueuedBytes);
                _bytes -= oldest.QueuedBytes;
            }
            _pool.Return(oldest);
        }
        return true;
    }

    private void ComeDown()
    {
        if (!_isHigh) return;
        _isHigh = false;
        _backPressure.StreamThrottle.Fall(_episode);
    }

    private void Release(Block block) => Release(block.QueuedBytes);

    private void Release(int bytes)
    {
        _bytes -= bytes;
        if (_bytes <= _highMark / 2) ComeDown();
        if (_bytes <= _limit / 8 * 7) _fullness.End();
    }
}
