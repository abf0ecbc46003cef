using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

internal sealed class StreamReadPauseTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void Streams_wait_while_any_queue_is_high()
    {
        StreamReadPause water = new(_time);
        long first = water.Rise();
        long second = water.Rise();
        Task low = water.Low;
        water.Fall(first);
        Assert.That(low.IsCompleted, Is.False);
        water.Fall(second);
        Assert.That(low.IsCompleted);
        Assert.That(water.Low.IsCompleted);
    }

    [Test]
    public void A_queue_that_stays_high_is_waited_for_no_longer_and_does_not_disturb_what_comes_after()
    {
        StreamReadPause water = new(_time);
        long stuck = water.Rise();
        Task low = water.Low;
        _time.Advance(StreamReadPause.Patience);
        Assert.That(low.IsCompleted);

        long other = water.Rise();
        water.Fall(stuck);
        Assert.That(water.Low.IsCompleted, Is.False, "the fall of a queue that was given up says nothing about the other");
        water.Fall(other);
        Assert.That(water.Low.IsCompleted);
    }

    [Test]
    public void A_queue_in_memory_is_high_from_a_quarter_of_its_limit_until_it_has_fallen_to_an_eighth()
    {
        WhenFullBarrier pressure = new(_time);
        MemoryQueue spool = new(
            new OutputCounters("test", isRelay: false, 1_000_000), new BlockPool(), pressure, WhenFull.DropOldest, 1_000_000, static _ => { });
        Append(spool, 250_000);
        Assert.That(pressure.StreamReadPause.Low.IsCompleted);
        Append(spool, 1);
        Assert.That(pressure.StreamReadPause.Low.IsCompleted, Is.False);
        spool.Settle(spool.TryTake()!);
        Assert.That(pressure.StreamReadPause.Low.IsCompleted);
    }

    [Test]
    public void A_queue_that_ends_while_it_is_high_holds_nobody_up()
    {
        WhenFullBarrier pressure = new(_time);
        MemoryQueue spool = new(
            new OutputCounters("test", isRelay: false, 1_000_000), new BlockPool(), pressure, WhenFull.DropOldest, 1_000_000, static _ => { });
        Append(spool, 500_000);
        spool.Close();
        spool.End(DropReason.Shutdown);
        Assert.That(pressure.StreamReadPause.Low.IsCompleted);
    }

    private static void Append(MemoryQueue spool, int length)
    {
        using (spool.Enter()) spool.ReserveUnsynchronized(length).Fill((byte)'x');
    }
}
