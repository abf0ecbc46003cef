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
    public void A_failing_disk_is_said_once_memory_takes_over_and_writing_resumes()
    {
        using DiskQueueBench bench = new();
        bench.AppendToLog(3);
        bench.Directory.FailAt(0, Fault.Error, goesOn: true);
        List<int> delivered = [];
        for (int i = 0; i < 20; i++)
        {
            bench.Append();
            Block block = bench.Take();
            delivered.AddRange(DiskQueueBench.Numbers(block));
            bench.Deliver(block);
            bench.Time.Advance(Second / 4);
        }
        Assert.That(bench.Log.Lines.Count(static l => l.Contains("cannot be written", StringComparison.Ordinal)), Is.EqualTo(1), $"{bench}");
        bench.Directory.Heal();
        bench.Time.Advance(2 * Second);
        Eventually.Holds(
            () =>
            {
                bench.Append();
                delivered.AddRange(bench.DeliverAll());
                return bench.Log.Has("writing resumed");
            },
            "the next housekeeping's first message goes to disk again", detail: bench.ToString);
        Assert.That(delivered, Is.EqualTo(Enumerable.Range(0, bench.Next)));
    }

    [Test]
    public void A_directory_that_is_read_only_is_said_once_though_small_blocks_still_fit_into_the_open_segment()
    {
        using DiskQueueBench bench = new();
        bench.AppendToLog(6);
        bench.Directory.FailAt(0, Fault.ReadOnly, goesOn: true);
        for (int i = 0; i < 4; i++)
        {
            long next = bench.Segments.NextSequence;

            // Too large for what is left of the segment, then some that fit.
            bench.Append(1500);
            bench.DeliverAll();
            bench.Time.Advance(2 * Second);
            AppendUntil(bench, 20, () => bench.Segments.NextSequence > next);
        }
        Assert.That(bench.Log.Lines.Count(static l => l.Contains("cannot be written", StringComparison.Ordinal)), Is.EqualTo(1), $"{bench}");
        Assert.That(bench.Log.Has("writing resumed"), Is.False, $"{bench}");
        bench.Directory.Heal();
        bench.Time.Advance(2 * Second);
        AppendUntil(bench, 1500, () => bench.Log.Has("writing resumed"));
    }

    [Test]
    public void Behind_a_backlog_on_a_failing_disk_messages_wait_in_memory_and_the_order_is_kept()
    {
        using DiskQueueBench bench = new(maxMemory: 20_000);
        bench.AppendToLog(100);
        bench.Directory.FailAt(0, Fault.NoSpace, goesOn: true);
        for (int i = 0; i < 30; i++) bench.Append();
        Assert.That(bench.DeliverAll(), Is.EqualTo(Enumerable.Range(0, 130)));
        Assert.That(bench.Ledger.DroppedTotal, Is.Zero);
    }

    [Test]
    public void A_failing_disk_is_tried_again_also_when_messages_are_rare()
    {
        using DiskQueueBench bench = new();
        bench.AppendToLog(1);
        bench.Directory.FailAt(0, Fault.Error, goesOn: true);
        bench.Append();
        Eventually.Holds(() => bench.Log.Has("cannot be written"), "it is said", detail: bench.ToString);
        bench.Directory.Heal();
        for (int i = 0; i < 5 && !bench.Log.Has("writing resumed"); i++)
        {
            // Each message comes just after a housekeeping.
            long released = Released(bench);
            bench.DeliverAll();
            bench.Time.Advance(Second);
            if (i == 0) Eventually.Holds(() => Released(bench) > released, "a housekeeping has passed");
            else Thread.Sleep(1100);
            bench.Append();
            bench.Take();
        }
        Assert.That(bench.Log.Has("writing resumed"), $"{bench}");
    }

    [Test]
    public void A_disk_that_cannot_be_read_for_a_while_costs_nothing_however_often_it_is_asked_for_more()
    {
        using DiskQueueBench bench = new(maxMemory: 5000);
        bench.AppendToLog(40);
        bench.Directory.FailAt(0, Fault.Error, goesOn: true);
        for (int i = 0; i < 200; i++)
        {
            if (bench.Queue.TryTake() is { } block) bench.Deliver(block);
            Thread.Yield();
        }
        bench.Directory.Heal();
        bench.Time.Advance(2 * Second);
        bench.DeliverAll();
        Assert.That((bench.Ledger.Delivered, bench.Ledger.DroppedTotal), Is.EqualTo((40, 0)));
    }

    [Test]
    public void A_disk_that_never_works_costs_what_memory_cannot_hold_and_it_is_counted()
    {
        using DiskQueueBench bench = new(whenFull: WhenFull.DropOldest, maxMemory: 20_000);
        bench.Directory.FailAt(0, Fault.Error, goesOn: true);
        for (int i = 0; i < 400; i++) bench.Append();
        List<int> delivered = bench.DeliverAll();
        Assert.That(delivered, Is.Ordered.And.Unique);
        Assert.That(delivered, Has.Count.GreaterThanOrEqualTo(30), "memory holds 40");
        Assert.That(bench.Ledger.DroppedTotal, Is.EqualTo(400 - delivered.Count));
        Assert.That(bench.Ledger.Balances);
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

    [Test]
    public void The_checkpoint_is_saved_once_a_housekeeping_and_not_before()
    {
        using DiskQueueBench bench = new();
        for (int round = 1; round <= 3; round++)
        {
            long before = Released(bench);
            bench.AppendToLog(5);
            bench.DeliverAll();
            bench.AppendToLog(1);
            Assert.That(Released(bench), Is.EqualTo(before), "no time has passed");
            bench.DeliverAll();
            bench.Time.Advance(Second);
            Eventually.Holds(() => Released(bench) == (6 * round) + 1, "all that was delivered is noted", detail: () => $"{Released(bench)}");
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

    /// <summary>The disk is tried again behind a housekeeping, which the queue keeps when something wakes it.</summary>
    private static void AppendUntil(DiskQueueBench bench, int length, Func<bool> condition) => Eventually.Holds(
        () =>
        {
            bench.Append(length);
            bench.DeliverAll();
            return condition();
        },
        "a message goes to disk", detail: bench.ToString);

    private static long Released(DiskQueueBench bench)
    {
        // The first is saved by the queue's own thread, once that runs.
        Checkpoint? saved = null;
        Eventually.Holds(
            () =>
            {
                MemoryDirectory now = bench.Directory.Copy();
                saved = Checkpoint.Find(now, now.List(), out bool _);
                return saved is not null;
            },
            "there is a checkpoint", detail: bench.ToString);
        return saved!.Value.Released;
    }
}
