using System.Globalization;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Segments;
using Concentrator.Queues.Totals;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Queues.Segments;

namespace Concentrator.Tests.Queues;

/// <summary>
/// A relay's queue over a file system in memory and a clock that moves when told. Messages are numbered from 0; the test plays
/// both the producer and the relay.
/// </summary>
internal sealed class DiskQueueBench : IDisposable
{
    public const int SegmentSize = 4096;

    private readonly BlockPool _pool = new();
    private readonly OutputCounters _counters;
    private readonly MemoryQueue _front;
    private readonly AutoResetEvent _woken = new(false);
    private bool _hasEnded;

    public DiskQueueBench(
        MemoryDirectory? directory = null, Durability durability = Durability.Process, WhenFull whenFull = WhenFull.Block,
        long maxMemory = 1 << 20, long maxSize = 1 << 30, int firstMessage = 0, OutputTotalsFile? totals = null)
    {
        Directory = directory ?? new MemoryDirectory();
        Next = firstMessage;
        Segments = SegmentLog.Open(Directory, new SegmentLogOptions { SegmentSize = SegmentSize }, out _);
        _counters = new OutputCounters("test", isRelay: true, maxSize);
        _front = new MemoryQueue(_counters, _pool, WhenFullBarrier, whenFull, maxMemory, Full.Add);
        SpoolQuota room = new(new SpoolShares(maxSize), whenFull, WhenFullBarrier, Full.Add);
        Queue = new DiskQueue("test", _front, null, Segments, room, durability, _counters, _pool, Loops, Time, Log.Logger, totals)
        {
            WakeConsumer = () => _woken.Set(),
        };
    }

    public MemoryDirectory Directory { get; }

    public ManualTimeProvider Time { get; } = new();

    public LogCapture Log { get; } = new();

    public WhenFullBarrier WhenFullBarrier { get; } = new();

    /// <summary>The queue's loop alone.</summary>
    public RunningLoops Loops { get; } = new();

    public OutputSnapshot Ledger => _counters.Read();

    public OutputTotals Totals => _counters.ReadTotals();

    public SegmentLog Segments { get; }

    public DiskQueue Queue { get; }

    /// <summary>What was said when dropping began.</summary>
    public List<DropReason> Full { get; } = [];

    /// <summary>Number that the next message gets.</summary>
    public int Next { get; private set; }

    /// <summary>One message of that length, as a producer gives it.</summary>
    public void Append(int length = 500)
    {
        byte[] message = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<{Next++}>").PadRight(length, '.'));
        using (_front.Enter())
        {
            Span<byte> room = _front.ReserveUnsynchronized(message.Length);
            if (!room.IsEmpty)
            {
                message.CopyTo(room);
                _front.CommitUnsynchronized();
            }
        }
        _front.Publish();
    }

    /// <summary>Octet-counted frames, which a relay's blocks hold, all in one block.</summary>
    public void AppendFrames(int count)
    {
        using (_front.Enter())
        {
            for (; count > 0; count--)
            {
                string text = string.Create(CultureInfo.InvariantCulture, $"<{Next++}>");
                byte[] frame = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length} {text}"));
                frame.CopyTo(_front.ReserveUnsynchronized(frame.Length));
                _front.CommitUnsynchronized();
            }
        }
        _front.Publish();
    }

    /// <summary>Messages in blocks of their own, each in the log before the next is given.</summary>
    public void AppendToLog(int count, int length = 500)
    {
        for (; count > 0; count--)
        {
            long next = Segments.NextSequence;
            Append(length);
            Eventually.Holds(() => Segments.NextSequence > next, "it is in the log", detail: ToString);
        }
    }

    public Block? TryTake() => Queue.TryTake();

    /// <summary>The next block, waited for.</summary>
    public Block Take()
    {
        Block? block = null;
        Eventually.Holds(() => (block ??= TryTake()) is not null, "there is a block", detail: ToString);
        return block!;
    }

    public void Deliver(Block block)
    {
        Queue.Settle(block);
        Queue.Recycle(block);
    }

    /// <summary>Waits until the queue says that there is something.</summary>
    public bool WaitUntilWoken() => _woken.WaitOne(Deadline.Reaction);

    /// <summary>Delivers everything there is and returns the numbers of the messages.</summary>
    public List<int> DeliverAll()
    {
        List<int> numbers = [];
        Eventually.Holds(
            () =>
            {
                while (Queue.TryTake() is { } block)
                {
                    numbers.AddRange(Numbers(block));
                    Deliver(block);
                }
                return Ledger.Queued <= 0;
            },
            "all is delivered", Deadline.Transfer, ToString);
        return numbers;
    }

    public static IEnumerable<int> Numbers(Block block) =>
        from part in Encoding.ASCII.GetString(block.Bytes.Span).Split('<', StringSplitOptions.RemoveEmptyEntries)
        select int.Parse(part.AsSpan(0, part.IndexOf('>', StringComparison.Ordinal)), CultureInfo.InvariantCulture);

    /// <summary>What the newest checkpoint on disk says is released; waits for the first, which the queue's own thread saves.</summary>
    public long Released()
    {
        Checkpoint? saved = null;
        Eventually.Holds(
            () =>
            {
                MemoryDirectory now = Directory.Copy();
                saved = Checkpoint.Find(now, now.List(), out bool _);
                return saved is not null;
            },
            "there is a checkpoint", detail: ToString);
        return saved!.Value.Released;
    }

    /// <summary>A stop; returns how many messages no log holds.</summary>
    public long End()
    {
        _hasEnded = true;
        Queue.Close();
        return Queue.End(DropReason.Shutdown);
    }

    public void Dispose()
    {
        Directory.Heal();
        if (!_hasEnded) End();
        Log.Dispose();
        _woken.Dispose();
    }

    public override string ToString() => $"{Ledger}\n{Log}";
}
