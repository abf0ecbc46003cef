using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues;

/// <summary>
/// The disk queue of one relay: its thread takes blocks from the <see cref="MemoryQueue"/> in which messages are
/// rendered, appends them to the <see cref="SegmentLog"/>, and keeps a <see cref="ReadAhead"/> in memory for the relay. A
/// relay that keeps up gets every block from memory; the disk is then only written.
/// <para>
/// Invariants: Blocks reach the relay in the order in which they left the front. A block that the disk refuses goes
/// into the read-ahead alone, and only while nothing older is on disk alone. The queue's thread does all disk I/O, so a
/// disk that hangs delays neither reception nor a relay that has blocks in memory.
/// </para>
/// </summary>
internal sealed partial class DiskQueue : DeliveryQueue
{
    /// <summary>Bytes read ahead, or kept in memory after they were written: what a relay sends during a disk seek.</summary>
    private const long MostAhead = 2 * 1024 * 1024;

    /// <summary>Blocks stored before the thread checks whether the relay needs more, and blocks then read for it.</summary>
    private const int MostAtOnce = 8;

    /// <summary>
    /// How often the relay is resumed to poll while it waits for an acknowledgement and nothing new arrives. A timer in the relay would
    /// wake two more threads.
    /// </summary>
    private static readonly TimeSpan Asking = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the checkpoint is saved (losing it causes duplicates, never loss) and a failing disk is tried again.</summary>
    private static readonly TimeSpan Housekeeping = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The shortest time between two looks at the front when nothing is left behind: messages that arrive meanwhile are stored and
    /// sent together, sooner if they fill some blocks. The first message after a silence does not wait.
    /// </summary>
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(4);

    private readonly string _output;
    private readonly MemoryQueue _front;
    private readonly SpoolDirectory? _directory;
    private readonly SegmentLog _log;
    private readonly ReadAhead _ahead;
    private readonly SpoolQuota _room;
    private readonly Durability _durability;
    private readonly OutputCounters _counters;
    private readonly BlockPool _pool;
    private readonly Func<int, Block> _rent;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DiskTrouble _trouble;
    private readonly RunningLoops _loops;
    private readonly LoopMark _mark;
    private readonly ThreadSignal _wake = new();
    private readonly Thread _thread;

    // Written by the consumer, read by the thread: everything below it is delivered. Lowered when blocks are given back.
    private long _settledUpTo;
    private readonly ReleaseDelay _past;

    // Written by the consumer, read by the thread: everything below it has been taken.
    private long _takenUpTo;

    // Written by the thread: it holds a block that is in neither end; that block waits until something is delivered.
    private volatile bool _inTransit;
    private volatile bool _waitsForRoom;

    private volatile bool _closing;
    private volatile bool _ending;

    // Owned by the thread.
    private Block? _held;
    private SegmentLogCursor _cursor;
    private long _cursorAt = -1;
    private long _lostCounted;
    private bool _mayWrite = true;
    private bool _mayRead = true;
    private long _lastHousekeeping;
    private long _releasedUpTo;
    private long _savedUpTo;
    private bool _unsynced;
    private bool _caughtUp;
    private long _roundBegan;

    /// <param name="directory">The directory of the log; null when it has none. This queue disposes of both.</param>
    public DiskQueue(
        string output, MemoryQueue front, SpoolDirectory? directory, SegmentLog log, SpoolQuota room, Durability durability,
        OutputCounters counters, BlockPool pool, RunningLoops loops, TimeProvider time, ILogger logger)
    {
        _output = output;
        _loops = loops;
        _front = front;
        _directory = directory;
        _log = log;
        _room = room;
        _durability = durability;
        _counters = counters;
        _pool = pool;
        _rent = pool.RentPlain;
        _time = time;
        _logger = logger;
        _trouble = new DiskTrouble(output, () => front.Limit, time, logger);
        _ahead = new ReadAhead(log.FirstSequence, Math.Min(MostAhead, front.Limit));
        _settledUpTo = _releasedUpTo = log.FirstSequence;
        _past = new ReleaseDelay(_settledUpTo, time);
        front.WakeConsumer = Wake;
        if (log.Messages + log.LostAtStart > 0)
        {
            // The recovered bytes are those of the files, slightly more than the messages'.
            using (counters.Gate.Enter()) counters.RecoverUnsynchronized(log.Messages + log.LostAtStart, log.Bytes);
            CountLost(DropReason.SpoolCorrupt, log.LostAtStart);
        }
        _mark = new LoopMark($"spool {output}");
        _thread = new Thread(Run) { Name = _mark.Name, IsBackground = true };
        _thread.Start();
    }

    public override Action WakeConsumer
    {
        set => _ahead.WakeConsumer = value;
    }

    public override long Limit => _front.Limit;

    /// <summary>The checks follow the path of a block, so that a block in transit is never overlooked.</summary>
    public override bool IsEmpty => _front.IsEmpty && !_inTransit && _ahead.End >= _log.NextSequence && _ahead.IsEmpty;

    public override bool HasBlock => _ahead.HasBlock;

    public override bool KeepsWhatIsLeft => _durability != Durability.Memory && !_waitsForRoom && !_ahead.HoldsUnlogged;

    public override bool WakesForSettling => true;

    public override Block? TryTake()
    {
        Block? block = _ahead.TryTake(out bool isLow);
        if (block is { FirstSequence: > 0 }) Volatile.Write(ref _takenUpTo, block.FirstSequence + block.Messages);
        if (isLow && _ahead.End < _log.NextSequence) Wake();
        return block;
    }

    public override void Recycle(Block block) => _pool.Return(block);

    public override void Close()
    {
        _closing = true;
        _front.Close();
    }

    public override long End(DropReason reason)
    {
        _ending = true;
        Wake();
        _thread.Join();
        long dropped = _held is null ? 0 : Drop(_held, reason);
        while (_ahead.TryTake(out _) is { } block)
        {
            if (block.FirstSequence == 0) dropped += Drop(block, reason);
            else _pool.Return(block);
        }
        dropped += _front.End(reason);
        Release(Volatile.Read(ref _settledUpTo));

        // Saved even if nothing more was delivered: the checkpoint records the end of the log, so that damage there is recognised.
        Attempt(DiskWork.Checkpoint, _log.SaveCheckpoint);
        if (_log.Messages > 0) _logger.SpoolKept(_output, _log.Messages);
        _log.Dispose();
        _directory?.Dispose();
        _room.Leave();
        return dropped;
    }

    private void Wake() => _wake.Set();

    private void Run()
    {
        _mark.Thread = BlockedThreads.Current();
        _loops.Enter(_mark);
        bool asks = false;
        _lastHousekeeping = _time.GetTimestamp();
        Attempt(DiskWork.Checkpoint, _log.SaveCheckpoint);
        while (true)
        {
            _mark.Works();
            bool worked = PersistWhatCame();
            _counters.Disk.Holds(_log.Bytes, _log.Messages);
            for (int i = 0; i < MostAtOnce && !_ending && FetchMore(); i++) worked = true;
            if (worked && _caughtUp) RestAwhile();
            if (_time.GetElapsedTime(_lastHousekeeping) >= Housekeeping) KeepHouse();
            if (worked) continue;
            if (_ending) break;

            // A consumer that only waits for the end, or for an acknowledgement, must be resumed even though nothing arrives.
            if (_closing || asks) _ahead.Wake();
            asks = Volatile.Read(ref _takenUpTo) > Volatile.Read(ref _settledUpTo);
            _mark.Waits(LoopWait.Work);
            if (_wake.Wait(asks ? Asking : Housekeeping)) asks = false;
        }
        _loops.Leave(_mark);
    }

    /// <summary>Everything that arrived is stored: waits, so that the thread is not woken for every few messages.</summary>
    private void RestAwhile()
    {
        TimeSpan left = Round - _time.GetElapsedTime(_roundBegan);
        if (left > TimeSpan.Zero && !_ending && !_closing && _front.TryRest()) _wake.Wait(left);
        _roundBegan = _time.GetTimestamp();
    }

    /// <summary>Step 6 of the journey for relays. False when there was nothing to store, or nothing could be stored now.</summary>
    private bool PersistWhatCame()
    {
        int done = 0;
        _caughtUp = false;
        while (done < MostAtOnce)
        {
            _inTransit = true;
            _held ??= _front.TryTake();
            if (_held is null) break;
            _caughtUp = _held.IsSparse;
            if (!TryStore(_held)) break;
            _held = null;
            done++;
        }
        _inTransit = _waitsForRoom = _held is not null;
        if (_unsynced && _durability == Durability.Power) Sync();
        if (done > 0) _ahead.WakeIfIdle();
        return done > 0;
    }

    /// <summary>False when the block has to wait; it is then unchanged.</summary>
    private bool TryStore(Block block)
    {
        if (_durability == Durability.Memory && TryKeepInMemory(block)) return true;
        if (IsPausing) return TryKeepInMemory(block);
        switch (MakeRoomFor(block, out long lost))
        {
            case QuotaAnswer.MustWait:
                return false;
            case QuotaAnswer.None:
                _front.HandOver(block);
                Drop(block, DropReason.QueueFullNewest);
                return true;
        }
        CountLost(DropReason.QueueFullOldest, lost);
        while (_ahead.TakeFirstBelow(_log.FirstSequence) is { } oldest) Drop(oldest, DropReason.QueueFullOldest);
        try
        {
            using (_mark.While(LoopWait.Disk)) block.FirstSequence = _log.Append(block.Bytes.Span, block.Messages);
            _counters.Disk.Wrote(block.Messages);
        }
        catch (IOException e)
        {
            Fail(DiskWork.Storing, e.Message);
            return TryKeepInMemory(block);
        }
        if (!_log.LacksSegment) _trouble.Works(DiskWork.Storing);
        CrashPoint.Reach("appended");
        block.Forget();
        _unsynced = true;
        _front.HandOver(block);
        if (_ahead.TryAppend(block) != HeldAs.AsIs) _pool.Return(block);
        return true;
    }

    private QuotaAnswer MakeRoomFor(Block block, out long lost)
    {
        using LoopMark.Pause pause = _mark.While(LoopWait.Disk);
        ReleaseSettled();
        return _room.MakeFor(block.Length, _log, _ahead, out lost);
    }

    /// <summary>A failing disk is tried again once per housekeeping, not once per block, and once more at the end.</summary>
    private bool IsPausing => !_mayWrite && !_ending;

    private bool TryKeepInMemory(Block block)
    {
        HeldAs kept = _ahead.TryAppendUnlogged(block, _log.NextSequence, _front.Limit);
        if (kept == HeldAs.Not) return false;
        _front.HandOver(block);
        if (kept == HeldAs.Copied) _pool.Return(block);
        return true;
    }

    /// <summary>Reads one block ahead if the relay is behind and memory has room. False when there is nothing to read.</summary>
    private bool FetchMore()
    {
        long from = _ahead.End;
        if (from >= _log.NextSequence) _trouble.Works(DiskWork.Reading);
        if (!_mayRead || from >= _log.NextSequence || _ahead.IsFull) return false;
        if (_cursorAt != from) _cursor = _log.CursorAt(from);
        try
        {
            bool found;
            Block? block;
            using (_mark.While(LoopWait.Disk)) found = _log.TryRead(ref _cursor, _rent, out block);
            long lost = _log.LostMessages;
            CountLost(DropReason.SpoolCorrupt, lost - _lostCounted);
            _lostCounted = lost;
            _cursorAt = found ? block!.FirstSequence + block.Messages : _cursor.Sequence;
            if (found && block!.FirstSequence < from) LeaveOut(block, (int)(from - block.FirstSequence));
            _ahead.Continue(block, _cursorAt);
        }
        catch (MemoryRefusedException)
        {
            // Nothing is lost: the block is read from disk once memory is available again.
            _mayRead = false;
            _logger.SpoolNotRead(_output);
            return false;
        }
        catch (IOException e)
        {
            // The log treats a place that keeps failing as damaged, so the disk must first have time to recover.
            _mayRead = false;
            Fail(DiskWork.Reading, e.Message);
            return false;
        }
        _trouble.Works(DiskWork.Reading);
        _ahead.WakeIfIdle();
        return true;
    }

    private void KeepHouse()
    {
        _lastHousekeeping = _time.GetTimestamp();
        using (_mark.While(LoopWait.Disk))
        {
            if (_directory is { IsInPlace: false }) ReplaceDirectory(_directory);
            ReleaseSettled();
        }
        SaveCheckpoint();
        using (_mark.While(LoopWait.Disk)) _room.Watch();
        _mayWrite = _mayRead = true;
    }

    /// <summary>Removed files still accept writes, but nobody will read them.</summary>
    private void ReplaceDirectory(SpoolDirectory removed)
    {
        Fail(DiskWork.Storing, $"{removed} was removed");
        if (Attempt(DiskWork.Directory, removed.Remake)) _log.BeginAnew();
    }

    private void SaveCheckpoint()
    {
        if (_releasedUpTo == _savedUpTo && !_trouble.Includes(DiskWork.Checkpoint)) return;
        if (Attempt(DiskWork.Checkpoint, _log.SaveCheckpoint)) _savedUpTo = _releasedUpTo;
    }

    private void Sync() => _unsynced = !Attempt(DiskWork.Flushing, _log.Sync);

    private bool Attempt(DiskWork work, Action step)
    {
        try
        {
            using (_mark.While(LoopWait.Disk)) step();
        }
        catch (IOException e)
        {
            Fail(work, e.Message);
            return false;
        }
        _trouble.Works(work);
        return true;
    }

    private void Fail(DiskWork work, string reason)
    {
        _trouble.Fails(work, reason);
        _mayWrite = false;
    }

    /// <summary>Returns the number of dropped messages. At shutdown, crash-safe blocks are kept, not dropped.</summary>
    private long Drop(Block block, DropReason reason)
    {
        if (reason == DropReason.Shutdown && block.Survives) return 0;
        long messages = block.QueuedMessages;
        if (messages > 0)
        {
            using (_counters.Gate.Enter()) _counters.DropUnsynchronized(reason, messages, block.QueuedBytes);
        }
        _pool.Return(block);
        return messages;
    }

    /// <summary>The sizes of lost messages are unknown: the average of the queued messages is used.</summary>
    private void CountLost(DropReason reason, long messages)
    {
        if (messages <= 0) return;
        using (_counters.Gate.Enter()) _counters.DropUnsynchronized(reason, messages, _counters.AverageQueuedBytesUnsynchronized * messages);
    }
}
