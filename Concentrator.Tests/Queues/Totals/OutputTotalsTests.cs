using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Segments;
using Concentrator.Queues.Totals;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Queues.Segments;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Totals;

/// <summary>What an output has accepted over all its processes, which follows from its log.</summary>
internal sealed class OutputTotalsTests
{
    private readonly ManualTimeProvider _time = new();
    private MemoryDirectory _log = null!;
    private LogCapture _said = null!;
    private TempDirectory _directory = null!;

    [SetUp]
    public void Begin()
    {
        _directory = new TempDirectory();
        _said = new LogCapture();
        _log = new MemoryDirectory();
    }

    [TearDown]
    public void End()
    {
        _directory.Dispose();
        _said.Dispose();
    }

    [Test]
    public void Every_process_goes_on_where_the_last_one_ended()
    {
        using (DiskQueueBench first = Start())
        {
            first.AppendToLog(30);
            Assert.That(first.DeliverAll(), Has.Count.EqualTo(30));
            first.AppendToLog(20);
            AssertTotals(first, accepted: 50, waiting: 20);
            first.End();
        }
        using (DiskQueueBench second = Start(firstMessage: 50))
        {
            AssertTotals(second, accepted: 50, waiting: 20);
            second.AppendToLog(5);
            Assert.That(second.DeliverAll(), Has.Count.EqualTo(25));
            AssertTotals(second, accepted: 55, waiting: 0);
            second.End();
        }
        using DiskQueueBench third = Start();
        AssertTotals(third, accepted: 55, waiting: 0);
    }

    [Test]
    public void What_is_dropped_stays_dropped_in_the_next_process([Values(WhenFull.DropOldest, WhenFull.DropNewest)] WhenFull whenFull)
    {
        long dropped;
        using (DiskQueueBench first = Start(whenFull: whenFull, maxMemory: 5_000, maxSize: 5 * DiskQueueBench.SegmentSize))
        {
            for (int i = 0; i < 200; i++) first.Append();
            Eventually.Holds(() => first.Totals.Dropped.Sum() > 0 && first.Queue.IsEmpty is false && first.Ledger.StoredMessages > 0, "the queue is full", detail: first.ToString);
            first.End();
            dropped = first.Totals.Dropped.Sum();
            AssertTotals(first, accepted: 200, waiting: 200 - dropped);
        }
        using DiskQueueBench next = Start(whenFull: whenFull);

        // What was in memory alone, because there was no room on disk, was dropped as the first ended.
        Assert.That(next.Totals.Dropped.Sum(), Is.EqualTo(dropped));
        AssertTotals(next, accepted: 200, waiting: 200 - dropped);
    }

    [Test]
    public void A_kill_while_a_segment_is_dropped_neither_forgets_its_messages_nor_counts_those_that_are_still_there([Values] bool isDeleted)
    {
        long lost = 0;
        using (SegmentLog log = OpenLog())
        {
            OutputTotalsFile killed = OpenTotals();
            killed.Begin(log, 0);
            for (int i = 0; i < 20; i++) log.Append(new byte[500], 1);
            void ExpectDrop(long messages)
            {
                killed.ExpectDrop(log.FirstSequence, lost = messages);
                if (!isDeleted) throw new OperationCanceledException("killed here");
            }
            Assert.That(() => log.DropOldest(whenTaken: ExpectDrop), isDeleted ? Is.Positive : Throws.InstanceOf<OperationCanceledException>());
        }
        using SegmentLog next = OpenLog();
        OutputTotalsFile totals = OpenTotals();
        Assert.That(totals.Begin(next, 0), Is.EqualTo(20));
        Assert.That(lost, Is.Positive);
        Assert.That(totals.Dropped(DropReason.QueueFullOldest), Is.EqualTo(isDeleted ? lost : 0));
        Assert.That(next.Messages, Is.EqualTo(isDeleted ? 20 - lost : 20));
    }

    [Test]
    public void A_spool_that_was_used_before_begins_with_what_waits_in_it()
    {
        using (DiskQueueBench before = new(_log))
        {
            before.AppendToLog(40);
            for (int i = 0; i < 30; i++) before.Deliver(before.Take());
            before.End();
        }
        using DiskQueueBench now = Start(firstMessage: 40);
        AssertTotals(now, accepted: 10, waiting: 10);
    }

    [Test]
    public void Messages_that_never_get_to_the_disk_count_as_well()
    {
        using DiskQueueBench bench = Start(durability: Durability.Memory);
        for (int i = 0; i < 20; i++) bench.Append();
        Assert.That(bench.DeliverAll(), Has.Count.EqualTo(20));
        AssertTotals(bench, accepted: 20, waiting: 0);
        Assert.That(bench.Segments.NextSequence, Is.EqualTo(1), "nothing was stored");
    }

    private static void AssertTotals(DiskQueueBench bench, long accepted, long waiting) =>
        Assert.That((bench.Totals.Accepted, bench.Totals.Waiting), Is.EqualTo((accepted, waiting)), bench.ToString());

    private DiskQueueBench Start(
        int firstMessage = 0, WhenFull whenFull = WhenFull.Block, long maxMemory = 1 << 20, long maxSize = 1 << 30, Durability durability = Durability.Process) => new(
        _log, durability, whenFull, maxMemory, maxSize, firstMessage, OpenTotals());

    private OutputTotalsFile OpenTotals() => new(TotalsFile.Open(_directory["totals"], "edge LOGS", OutputTotalsFile.Words, _time, _said.Logger));

    private SegmentLog OpenLog() => SegmentLog.Open(_log, new SegmentLogOptions { SegmentSize = DiskQueueBench.SegmentSize }, out _);
}
