using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

/// <summary>What the queue of a relay promises when it is full: by <c>WhenFull</c>.</summary>
internal sealed class FullDiskQueueTests
{
    [Test]
    public void When_full_the_oldest_make_way_wherever_they_are_held()
    {
        using DiskQueueBench bench = new(whenFull: WhenFull.DropOldest, maxMemory: 10_000, maxSize: 4 * DiskQueueBench.SegmentSize);
        bench.AppendToLog(100);
        List<int> delivered = bench.DeliverAll();
        Assert.That(delivered, Is.EqualTo(Enumerable.Range(100 - delivered.Count, delivered.Count)), "the newest are there, in order");
        Assert.That(delivered, Has.Count.GreaterThanOrEqualTo(3 * 7), "three full segments of seven");
        Assert.That(bench.Ledger.Dropped[(int)DropReason.QueueFullOldest], Is.EqualTo(100 - delivered.Count));
        Assert.That(bench.Full.Distinct(), Is.EqualTo((DropReason[])[DropReason.QueueFullOldest]));
        Assert.That(bench.Segments.Bytes, Is.LessThanOrEqualTo(4 * DiskQueueBench.SegmentSize));
    }

    [Test]
    public void What_the_relay_held_while_its_segment_was_dropped_is_sent_again_or_counted_at_a_stop([Values] bool isStopped)
    {
        using DiskQueueBench bench = new(whenFull: WhenFull.DropOldest, maxMemory: 20_000, maxSize: 4 * DiskQueueBench.SegmentSize);
        bench.AppendToLog(1);
        Block held = bench.Take();
        bench.AppendToLog(60);
        Assert.That(bench.Segments.FirstSequence, Is.GreaterThan(held.FirstSequence + held.Messages));
        BlockList back = default;
        back.Append(held);
        bench.Queue.GiveBack(ref back);
        if (isStopped) Assert.That(bench.End(), Is.EqualTo(1));
        else Assert.That(bench.DeliverAll()[0], Is.Zero);
        OutputSnapshot ledger = bench.Ledger;
        Assert.That(ledger.Dropped[(int)DropReason.Shutdown], Is.EqualTo(isStopped ? 1 : 0));
        Assert.That((ledger.Balances, ledger.Queued), Is.EqualTo((true, isStopped ? bench.Segments.Messages : 0)), bench.ToString());
    }

    [Test]
    public void When_full_the_newest_are_refused_until_an_eighth_is_free()
    {
        using DiskQueueBench bench = new(whenFull: WhenFull.DropNewest, maxMemory: 10_000, maxSize: 4 * DiskQueueBench.SegmentSize);
        for (int i = 0; i < 100; i++)
        {
            bench.Append();
            Eventually.Holds(() => bench.Segments.NextSequence - 1 + bench.Ledger.DroppedTotal == i + 1, "it is stored or refused");
        }
        long dropped = bench.Ledger.Dropped[(int)DropReason.QueueFullNewest];
        Assert.That(dropped, Is.Positive);
        List<int> delivered = bench.DeliverAll();
        Assert.That(delivered, Is.EqualTo(Enumerable.Range(0, 100 - (int)dropped)), "the oldest are there, in order");
        Assert.That(bench.Full, Is.EqualTo((DropReason[])[DropReason.QueueFullNewest]));
        bench.AppendToLog(1);
        Assert.That(bench.DeliverAll(), Is.EqualTo((int[])[100]));
    }

    [Test]
    public void When_full_and_told_to_block_senders_wait_and_nothing_is_dropped()
    {
        // The last segment stays although it is delivered, and a block of all that memory holds is larger than two: room for another.
        using DiskQueueBench bench = new(whenFull: WhenFull.Block, maxMemory: 10_000, maxSize: 8 * DiskQueueBench.SegmentSize);
        int appended = 0;
        while (bench.WhenFullBarrier.Room.IsCompleted)
        {
            bench.Append();
            Assert.That(appended++, Is.LessThan(1000));
            if (appended % 5 == 0) Thread.Yield();
        }
        Task room = bench.WhenFullBarrier.Room;
        Assert.That(bench.DeliverAll(), Is.EqualTo(Enumerable.Range(0, appended)));
        Assert.That(bench.Ledger.DroppedTotal, Is.Zero);
        bench.Append();
        bench.DeliverAll();
        Eventually.Holds(() => room.IsCompleted, "senders may go on");
    }
}
