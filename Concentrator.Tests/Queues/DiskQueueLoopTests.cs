using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

/// <summary>What the watch sees of a queue's loop while the disk does not answer.</summary>
internal sealed class DiskQueueLoopTests
{
    [TestCase("write 00")]
    [TestCase("write checkpoint")]
    [TestCase("sync 00")]
    [TestCase("sync names")]
    [TestCase("open 00")]
    [TestCase("delete 00")]
    [TestCase("read 00")]
    [TestCase("rename")]
    public void It_waits_for_the_disk(string call)
    {
        using DiskQueueBench bench = new(durability: Durability.Power, maxMemory: 20_000);
        bench.Directory.StallAt(call);
        Eventually.Holds(
            () =>
            {
                if (bench.Directory.HasStalled) return true;
                bench.Append(DiskQueueBench.SegmentSize / 2);
                if (bench.Next % 40 == 0)
                {
                    while (bench.TryTake() is { } block) bench.Deliver(block);
                }
                bench.Time.Advance(TimeSpan.FromSeconds(1));
                return false;
            },
            $"a call \"{call}\"", detail: bench.ToString);
        Assert.That(Wait(bench), Is.EqualTo(LoopWait.Disk));
        bench.Directory.Heal();
        Eventually.Holds(() => Wait(bench) == LoopWait.Work, "it goes on", detail: bench.ToString);
    }

    [Test]
    public void A_queue_that_senders_wait_for_moves_all_the_same()
    {
        using DiskQueueBench bench = new(maxMemory: 20_000, maxSize: 5 * DiskQueueBench.SegmentSize, whenFull: WhenFull.Block);
        Eventually.Holds(
            () =>
            {
                if (!bench.WhenFullBarrier.Room.IsCompleted) return true;
                bench.Append(DiskQueueBench.SegmentSize / 2);
                return false;
            },
            "back-pressure", detail: bench.ToString);
        Eventually.Holds(() => bench.Loops.All().Count == 1, "the loop, a thread of its own, runs");
        long position = bench.Loops.All().Single().Position;
        Eventually.Holds(() => bench.Loops.All().Single().Position != position && Wait(bench) == LoopWait.Work, "it looks again and again");
        bench.DeliverAll();
    }

    private static LoopWait Wait(DiskQueueBench bench) => LoopHeartbeat.WaitAt(bench.Loops.All().Single().Position);
}
