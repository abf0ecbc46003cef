using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Queues.Totals;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues;

/// <summary>
/// The disk queue of one relay: its thread takes blocks from the <see cref="MemoryQueue"/> in which messages are
/// rendered, appends them to the <see cref="SegmentLog"/>, and keeps a <see cref="ReadAhead"/> in memory for the relay. A
/// relay that keeps up gets every block from memory; the disk is then only written.
/// <para>
/// Invariants: Blocks reach the relay in the order in which they left the front. The queue's thread does all disk I/O
/// (<see cref="SpoolWriter"/>, <see cref="SpoolReader"/>), so a disk that hangs delays neither reception nor a relay that has blocks in
/// memory. It takes the output's <see cref="OutputLock"/> only to count, never during disk I/O.
/// </para>
/// </summary>
internal sealed class DiskQueue : DeliveryQueue
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
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DiskTrouble _trouble;
    private readonly DeliveryProgress _progress;
    private readonly BlockDrops _drops;
    private readonly SpoolWriter _writer;
    private readonly SpoolReader _reader;
    private readonly RunningLoops _loops;
    private readonly LoopHeartbeat _mark;
    private readonly ThreadSignal _wake = new();
    private readonly Thread _thread;

    private volatile bool _closing;
    private volatile bool _ending;

    // Owned by the thread.
    private long _lastHousekeeping;
    private long _roundBegan;

    /// <param name="directory">The directory of the log; null when it has none. This queue disposes of both.</param>
    /// <param name="totals">What is counted beyond the process; null = nothing.</param>
    /// <param name="inFront">Messages that <paramref name="front"/> has recovered.</param>
    public DiskQueue(
        string output, MemoryQueue front, SpoolDirectory? directory, SegmentLog log, SpoolQuota room, Durability durability,
        OutputCounters counters, BlockPool pool, RunningLoops loops, TimeProvider time, ILogger logger, OutputTotalsFile? totals = null, long inFront = 0)
    {
        _output = output;
        Totals = totals;
        _loops = loops;
        _front = front;
        _directory = directory;
        _log = log;
        _room = room;
        _durability = durability;
        _counters = counters;
        _pool = pool;
        _time = time;
        _logger = logger;
        _mark = new LoopHeartbeat($"spool {output}");
        _trouble = new DiskTrouble(output, () => front.Limit, _mark, time, logger);
        _ahead = new ReadAhead(log.FirstSequence, Math.Min(MostAhead, front.Limit));
        _progress = new DeliveryProgress(log, pool, room, _trouble, time);
        _drops = new BlockDrops(counters, pool);
        _writer = new SpoolWriter(front, log, _ahead, room, new OldestSegmentDrop(log, _ahead, counters, _drops, totals), _drops, _progress, durability, counters, pool, _trouble, _mark);
        _reader = new SpoolReader(output, log, _ahead, counters, pool, _trouble, _mark, logger);
        front.WakeConsumer = Wake;
        if (log.Messages + log.LostAtStart > 0)
        {
            // The recovered bytes are those of the files, slightly more than the messages'.
            using (counters.Gate.Enter()) counters.RecoverUnsynchronized(log.Messages + log.LostAtStart, log.Bytes, isOnDisk: true);
        }
        if (totals is not null) counters.Keep(totals, totals.Begin(log, inFront));
        counters.DropLost(DropReason.SpoolCorrupt, log.LostAtStart);
        _thread = new Thread(Run) { Name = _mark.Name, IsBackground = true };
        _thread.Start();
    }

    public override Action WakeConsumer
    {
        set => _ahead.WakeConsumer = value;
    }

    public override long Limit => _front.Limit;

    /// <summary>The checks follow the path of a block, so that a block in transit is never overlooked.</summary>
    public override bool IsEmpty => _front.IsEmpty && !_writer.IsInTransit && _ahead.End >= _log.NextSequence && _ahead.IsEmpty;

    public override bool HasBlock => _ahead.HasBlock;

    public override bool KeepsWhatIsLeft => _durability != Durability.Memory && !_writer.WaitsForRoom && !_ahead.HoldsUnlogged(_log.FirstSequence);

    public override bool WakesForSettling => true;

    public override OutputTotalsFile? Totals { get; }

    public override TimeSpan HoldsSettled
    {
        set => _progress.HoldsSettled = value;
    }

    public override bool KeepsRecords
    {
        set => _ahead.KeepsRecords = value;
    }

    /// <summary>Reads, or writes, a file of the directory when it is first asked for.</summary>
    protected override BlockIdentity MakeIdentity() => _directory is null ? base.MakeIdentity() : new BlockIdentity(SpoolIdentityFile.ReadOrMake(_directory));

    public override string? RefusedDirectory => _directory is null ? null : RefusedMessages.DirectoryOf(_directory.ToString());

    public override Block? TryTake()
    {
        Block? block = _ahead.TryTake(out bool isLow);
        if (block is not null) _progress.Take(block);
        if (isLow && _ahead.End < _log.NextSequence) Wake();
        return block;
    }

    public override void GiveBack(ref BlockList blocks)
    {
        _progress.GiveBack(blocks);
        _ahead.GiveBack(ref blocks);
    }

    public override void Settle(Block block)
    {
        if (!block.IsReplay)
        {
            using (_counters.Gate.Enter()) _counters.DeliverUnsynchronized(block.QueuedMessages, block.QueuedBytes, block.FirstSequence > 0);
            CrashPoint.Reach("acknowledged");
            block.Forget();
        }
        NoteSettled(block, block.Messages);
    }

    public override void SettleFirst(Block block, int messages, int bytes)
    {
        if (!block.IsReplay)
        {
            if (messages <= block.CountedMessages) return;
            using (_counters.Gate.Enter()) _counters.DeliverUnsynchronized(messages - block.CountedMessages, bytes - block.CountedBytes, block.FirstSequence > 0);
            block.Count(messages, bytes);
        }
        NoteSettled(block, messages);
    }

    public override void Refuse(Block block)
    {
        using (_counters.Gate.Enter()) _counters.RefuseUnsynchronized(block.QueuedMessages, block.QueuedBytes, block.Messages - block.QueuedMessages, block.FirstSequence > 0);
        NoteSettled(block, block.Messages);
    }

    public override void Recycle(Block block) => _pool.Return(block);

    public override void Close()
    {
        _closing = true;
        _front.Close();
    }

    public override long End(DropReason reason)
    {
        _writer.TryAlways();
        _ending = true;
        Wake();
        _thread.Join();
        long dropped = _writer.DropHeld(reason);
        while (_ahead.TryTake(out _) is { } block)
        {
            if (ReadAhead.IsLogged(block, _log.FirstSequence)) _pool.Return(block);
            else dropped += _drops.Drop(block, reason);
        }
        dropped += _front.End(reason);
        _progress.ReleaseAll();

        // Saved even if nothing more was delivered: the checkpoint records the end of the log, so that damage there is recognised.
        _progress.Save();
        if (_log.Messages > 0) _logger.SpoolKept(_output, _log.Messages);
        _log.Dispose();
        _directory?.Dispose();
        _room.Leave();
        return dropped;
    }

    private void Wake() => _wake.Set();

    private void NoteSettled(Block block, int messages)
    {
        _progress.Settle(block, messages);
        if (_writer.WaitsForRoom) Wake();
    }

    private void Run()
    {
        _mark.Thread = BlockedThreads.Current();
        _loops.Enter(_mark);
        bool asks = false;
        _lastHousekeeping = _time.GetTimestamp();
        _progress.Save();
        while (true)
        {
            _mark.Works();

            // Read before the round, so that after the end began one whole round is made.
            bool isEnding = _ending;
            bool worked = _writer.StoreWhatCame(MostAtOnce);
            _counters.Disk.Holds(_log.Bytes, _log.Messages);
            for (int i = 0; i < MostAtOnce && !_ending && _reader.FetchMore(); i++) worked = true;
            if (worked && _writer.HasCaughtUp) RestAwhile();
            if (_time.GetElapsedTime(_lastHousekeeping) >= Housekeeping) KeepHouse();
            if (worked) continue;
            if (isEnding) break;

            // A consumer that only waits for the end, or for an acknowledgement, must be resumed even though nothing arrives.
            if (_closing || asks) _ahead.Wake();
            asks = _progress.AwaitsSettling;
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

    private void KeepHouse()
    {
        _lastHousekeeping = _time.GetTimestamp();
        using (_mark.While(LoopWait.Disk))
        {
            if (_directory is { IsInPlace: false }) ReplaceDirectory(_directory);
            _progress.ReleaseSettled();
        }
        _progress.SaveIfMoved();
        using (_mark.While(LoopWait.Disk)) _room.Watch();
        _trouble.TryAgain();
        _reader.TryAgain();
    }

    /// <summary>Removed files still accept writes, but nobody will read them.</summary>
    private void ReplaceDirectory(SpoolDirectory removed)
    {
        _trouble.Fails(DiskWork.Storing, $"{removed} was removed");
        if (_trouble.Attempt(DiskWork.Directory, removed.Remake)) _log.BeginAnew();
    }
}
