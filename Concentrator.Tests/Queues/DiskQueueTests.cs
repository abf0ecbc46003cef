using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Segments;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Queues.Segments;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

/// <summary>What the queue of a relay promises: in memory, on disk, and on the way from one to the other.</summary>
internal sealed class DiskQueueTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [TestCase(Durability.Memory)]
    [TestCase(Durability.Process)]
    [TestCase(Durability.Power)]
    public void Messages_come_out_in_the_order_in_which_they_went_in_whether_from_memory_or_from_disk(Durability durability)
    {
        // Memory holds 40 of them.
        using DiskQueueBench bench = new(durability: durability, maxMemory: 20_000);
        List<int> delivered = [];
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < round * 2; i++) bench.Append(300 + (i * 7 % 400));
            for (int i = 0; i < 10 && bench.Queue.TryTake() is { } block; i++)
            {
                delivered.AddRange(DiskQueueBench.Numbers(block));
                bench.Deliver(block);
            }
        }
        delivered.AddRange(bench.DeliverAll());
        Assert.That(delivered, Is.EqualTo(Enumerable.Range(0, bench.Next)));
        Assert.That(bench.Ledger.Balances);
        Assert.That(bench.Segments.LostMessages, Is.Zero);
    }

    [Test]
    public void What_was_not_delivered_comes_first_after_a_restart()
    {
        MemoryDirectory directory = new();
        using (DiskQueueBench first = new(directory))
        {
            first.AppendToLog(10);
            Assert.That(first.DeliverAll(), Has.Count.EqualTo(10));
            first.AppendToLog(20);
            Assert.That(first.End(), Is.Zero);
        }
        using DiskQueueBench next = new(directory, firstMessage: 30);
        Assert.That((next.Ledger.Accepted, next.Ledger.Queued), Is.EqualTo((20, 20)));
        next.AppendToLog(5);
        Assert.That(next.DeliverAll(), Is.EqualTo(Enumerable.Range(10, 25)));
        Assert.That(next.Ledger.Delivered, Is.EqualTo(25));
    }

    [Test]
    public void Of_a_block_that_was_delivered_in_part_what_was_given_back_comes_after_a_restart([Values] bool mayBeUnread)
    {
        MemoryDirectory directory = new();
        using (DiskQueueBench first = new(directory))
        {
            first.AppendFrames(5);
            Block block = first.Take();
            Assert.That((block.Messages, block.FirstSequence), Is.EqualTo((5, 1L)));
            first.Queue.SettleFirst(block, 2, 2 * "3 <0>".Length);
            Assert.That((first.Ledger.Delivered, first.Ledger.Queued), Is.EqualTo((2L, 3L)));
            if (!mayBeUnread) block.DropFirst(2, 2 * "3 <0>".Length);
            BlockList again = default;
            again.Append(block);
            first.Queue.GiveBack(ref again);
        }
        (string bytes, int count) = mayBeUnread ? ("3 <0>3 <1>3 <2>3 <3>3 <4>", 5) : ("3 <2>3 <3>3 <4>", 3);
        using DiskQueueBench next = new(directory, firstMessage: 5);
        Assert.That((next.Ledger.Accepted, next.Ledger.Queued), Is.EqualTo(((long)count, (long)count)));
        Block rest = next.Take();
        Assert.That((Encoding.ASCII.GetString(rest.Bytes.Span), rest.Messages), Is.EqualTo((bytes, count)));
        next.Deliver(rest);
        Assert.That((next.Ledger.Delivered, next.Ledger.Balances), Is.EqualTo(((long)count, true)));
    }

    [Test]
    public void A_consumer_that_found_nothing_is_woken_when_there_is_something()
    {
        using DiskQueueBench bench = new();
        for (int i = 0; i < 50; i++)
        {
            Assert.That(bench.Queue.TryTake(), Is.Null);
            bench.Append();
            Assert.That(bench.WaitUntilWoken());
            bench.Deliver(bench.Queue.TryTake()!);
        }
    }

    [Test]
    public void Durability_memory_writes_nothing_while_memory_has_room_and_a_stop_saves_what_it_can()
    {
        using DiskQueueBench bench = new(durability: Durability.Memory, maxMemory: 20_000);
        for (int i = 0; i < 20; i++) bench.Append();
        Block first = bench.Take();
        Assert.That(bench.Segments.NextSequence, Is.EqualTo(1));
        int delivered = first.Messages;
        bench.Deliver(first);
        for (int i = 0; i < 100; i++) bench.Append();
        Eventually.Holds(() => bench.Segments.NextSequence > 1, "what memory has no room for goes to disk");
        long dropped = bench.End();
        Assert.That(dropped, Is.LessThanOrEqualTo(40), "what only memory held");
        Assert.That(bench.Ledger.Queued, Is.EqualTo(120 - delivered - dropped), "the rest is on disk");
        Assert.That(bench.Ledger.Balances);
    }

    [Test]
    public void Durability_process_survives_the_process_as_soon_as_the_consumer_sees_it()
    {
        using DiskQueueBench bench = new();
        Assert.That(bench.Queue.TryTake(), Is.Null);
        bench.Append();
        Assert.That(bench.WaitUntilWoken());
        using SegmentLog after = bench.Directory.Copy().Open();
        Assert.That(after.Messages, Is.EqualTo(1));
    }

    [TestCase(Durability.Process, false)]
    [TestCase(Durability.Power, true)]
    public void Durability_power_survives_a_loss_of_power_as_soon_as_the_consumer_sees_it(Durability durability, bool survives)
    {
        int lost = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            using DiskQueueBench bench = new(durability: durability);
            Assert.That(bench.Queue.TryTake(), Is.Null);
            bench.Append();
            Assert.That(bench.WaitUntilWoken());
            using SegmentLog after = bench.Directory.LosePower(new Random(seed)).Open();
            if (after.Messages == 0) lost++;
        }
        Assert.That(lost, survives ? Is.Zero : Is.Positive);
    }

    [Test]
    public void The_checkpoint_is_saved_once_a_housekeeping_and_not_before()
    {
        using DiskQueueBench bench = new();
        for (int round = 1; round <= 3; round++)
        {
            long before = bench.Released();
            bench.AppendToLog(5);
            bench.DeliverAll();
            bench.AppendToLog(1);
            Assert.That(bench.Released(), Is.EqualTo(before), "no time has passed");
            bench.DeliverAll();
            bench.Time.Advance(Second);
            Eventually.Holds(() => bench.Released() == (6 * round) + 1, "all that was delivered is noted", detail: () => $"{bench.Released()}");
        }
    }

    [Test]
    public void Damage_found_at_the_start_is_in_the_ledger_as_dropped_and_nothing_is_counted_twice()
    {
        MemoryDirectory directory = new();
        using (DiskQueueBench first = new(directory)) first.AppendToLog(20);
        foreach (string name in (string[])[directory.Segments.First(), directory.Segments.Last()]) directory[name][SegmentHeader.Size + BlockHeader.Size + 9]++;
        using DiskQueueBench next = new(directory);
        Assert.That(next.DeliverAll(), Has.Count.EqualTo(18));
        OutputSnapshot ledger = next.Ledger;
        Assert.That(ledger.Dropped[(int)DropReason.SpoolCorrupt], Is.EqualTo(2));
        Assert.That((ledger.Accepted, ledger.Delivered, ledger.Queued, ledger.DroppedTotal), Is.EqualTo((20, 18, 0, 2)));
    }

    [Test]
    public void A_spool_of_which_only_the_checkpoint_is_left_is_an_empty_queue_and_a_counted_loss()
    {
        MemoryDirectory directory = new();
        using (DiskQueueBench first = new(directory)) first.AppendToLog(9);
        foreach (string name in directory.Segments.ToArray()) directory.Remove(name);
        using DiskQueueBench next = new(directory);
        Eventually.Holds(() => next.Queue.IsEmpty, "nothing is waited for", detail: next.ToString);
        Assert.That(next.Ledger.Dropped[(int)DropReason.SpoolCorrupt], Is.EqualTo(9));
        next.AppendToLog(1);
        Assert.That(next.DeliverAll(), Is.EqualTo((int[])[0]));
        Assert.That(next.Ledger.Queued, Is.Zero);
    }

    [Test]
    public void Segments_that_cannot_be_read_now_are_neither_queued_nor_lost()
    {
        MemoryDirectory directory = new();
        using (DiskQueueBench first = new(directory)) first.AppendToLog(9);
        directory.Remove("checkpoint");
        foreach (string name in directory.Segments) directory.Unreadable.Add(name);
        using DiskQueueBench next = new(directory, firstMessage: 9);
        Eventually.Holds(() => next.Queue.IsEmpty, "nothing is waited for", detail: next.ToString);
        next.AppendToLog(2);
        Assert.That(next.DeliverAll(), Is.EqualTo((int[])[9, 10]));
        Assert.That((next.Ledger.Accepted, next.Ledger.DroppedTotal), Is.EqualTo((2, 0)));
    }
}
