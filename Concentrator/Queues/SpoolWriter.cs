using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Segments;
using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Queues;

/// <summary>
/// The writing half of a <see cref="DiskQueue"/>: takes blocks from the memory queue in front, stores them in the log, and offers them to the
/// <see cref="ReadAhead"/>. A block that the disk refuses goes into the read-ahead alone, and only while nothing older is on disk alone; one
/// that fits nowhere is held here until there is room. Only the queue's thread calls, and who has ended it, with no lock held; any thread may
/// read <see cref="IsInTransit"/> and <see cref="WaitsForRoom"/>, and call <see cref="TryAlways"/>.
/// </summary>
internal sealed class SpoolWriter(
    MemoryQueue front, SegmentLog log, ReadAhead ahead, SpoolQuota room, OldestSegmentDrop oldest, BlockDrops drops, DeliveryProgress progress, Durability durability,
    OutputCounters counters, BlockPool pool, DiskTrouble trouble, LoopHeartbeat mark)
{
    private Block? _held;
    private bool _unsynced;
    private volatile bool _triesAlways;
    private volatile bool _isInTransit;
    private volatile bool _waitsForRoom;

    /// <summary>Whether a block is neither in front nor behind.</summary>
    public bool IsInTransit => _isInTransit;

    /// <summary>Whether that block waits until something is delivered.</summary>
    public bool WaitsForRoom => _waitsForRoom;

    /// <summary>Whether the block that was taken last was still being filled: everything that arrived is stored. Only the queue's thread reads.</summary>
    public bool HasCaughtUp { get; private set; }

    /// <summary>From now on the disk is tried for every block, even if it has just failed. Any thread may call.</summary>
    public void TryAlways() => _triesAlways = true;

    /// <summary>Step 6 of the journey for relays. False when there was nothing to store, or nothing could be stored now.</summary>
    /// <param name="most">Blocks stored at most.</param>
    public bool StoreWhatCame(int most)
    {
        int done = 0;
        HasCaughtUp = false;
        while (done < most)
        {
            _isInTransit = true;
            _held ??= front.TryTake();
            if (_held is null) break;
            HasCaughtUp = _held.IsSparse;
            if (!TryStore(_held)) break;
            _held = null;
            done++;
        }
        _isInTransit = _waitsForRoom = _held is not null;
        if (_unsynced && durability == Durability.Power) _unsynced = !trouble.Attempt(DiskWork.Flushing, log.Sync);
        if (done > 0) ahead.WakeIfIdle();
        return done > 0;
    }

    /// <summary>Drops the block that is held, and returns the number of its messages; 0 when there is none.</summary>
    public long DropHeld(DropReason reason) => _held is null ? 0 : drops.Drop(_held, reason);

    /// <summary>False when the block has to wait; it is then unchanged.</summary>
    private bool TryStore(Block block)
    {
        if (durability == Durability.Memory && TryKeepInMemory(block)) return true;

        // A failing disk is tried again once per housekeeping, not once per block.
        if (trouble.Pauses && !_triesAlways) return TryKeepInMemory(block);
        switch (MakeRoomFor(block))
        {
            case QuotaAnswer.MustWait:
                return false;
            case QuotaAnswer.None:
                front.HandOver(block, isStored: false);
                drops.Drop(block, DropReason.QueueFullNewest);
                return true;
        }
        try
        {
            using (mark.While(LoopWait.Disk)) block.FirstSequence = log.Append(block.Bytes.Span, block.Messages);
            counters.Disk.Wrote(block.Messages);
        }
        catch (IOException e)
        {
            trouble.Fails(DiskWork.Storing, e.Message);
            return TryKeepInMemory(block);
        }
        if (!log.LacksSegment) trouble.Works(DiskWork.Storing);
        CrashPoint.Reach("appended");
        block.Forget();
        _unsynced = true;
        front.HandOver(block, isStored: true);
        if (ahead.TryAppend(block) != HeldAs.AsIs) pool.Return(block);
        return true;
    }

    private QuotaAnswer MakeRoomFor(Block block)
    {
        using LoopHeartbeat.Pause pause = mark.While(LoopWait.Disk);
        progress.ReleaseSettled();
        return room.MakeFor(block.Length, log, oldest);
    }

    private bool TryKeepInMemory(Block block)
    {
        HeldAs kept = ahead.TryAppendUnlogged(block, log.NextSequence, front.Limit);
        if (kept == HeldAs.Not) return false;
        front.HandOver(block, isStored: false);
        if (kept == HeldAs.Copied) pool.Return(block);
        return true;
    }
}
