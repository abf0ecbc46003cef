using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Queues.Segments;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

/// <summary>What the queue of a relay promises where its disk fails, is read-only or cannot be read.</summary>
internal sealed class FailingDiskTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

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
            long released = bench.Released();
            bench.DeliverAll();
            bench.Time.Advance(Second);
            if (i == 0) Eventually.Holds(() => bench.Released() > released, "a housekeeping has passed");
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

    /// <summary>The disk is tried again behind a housekeeping, which the queue keeps when something wakes it.</summary>
    private static void AppendUntil(DiskQueueBench bench, int length, Func<bool> condition) => Eventually.Holds(
        () =>
        {
            bench.Append(length);
            bench.DeliverAll();
            return condition();
        },
        "a message goes to disk", detail: bench.ToString);
}
