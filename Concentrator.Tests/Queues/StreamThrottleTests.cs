using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Tests.Telemetry;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

internal sealed class StreamThrottleTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void Streams_wait_while_any_queue_is_high()
    {
        StreamThrottle water = new(_time);
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
        StreamThrottle water = new(_time);
        long stuck = water.Rise();
        Task low = water.Low;
        _time.Advance(StreamThrottle.Patience);
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
        BackPressure pressure = new(_time);
        MemoryQueue spool = new(
            new OutputCounters("test", isRelay: false, 1_000_000), new BlockPool(), pressure, WhenFull.DropOldest, 1_000_000, static _ => { });
        Append(spool, 250_000);
        Assert.That(pressure.StreamThrottle.Low.IsCompleted);
        Append(spool, 1);
        Assert.That(pressure.StreamThrottle.Low.IsCompleted, Is.False);
        spool.Settle(spool.TryTake()!);
        Assert.That(pressure.StreamThrottle.Low.IsCompleted);
    }

    [Test]
    public void A_queue_that_ends_while_it_is_high_holds_nobody_up()
    {
        BackPressure pressure = new(_time);
        MemoryQueue spool = new(
            new OutputCounters("test", isRelay: false, 1_000_000), new BlockPool(), pressure, WhenFull.DropOldest, 1_000_000, static _ => { });
        Append(spool, 500_000);
        spool.Close();
        spool.End(DropReason.Shutdown);
        Assert.That(pressure.StreamThrottle.Low.IsCompleted);
    }

    private static void Append(MemoryQueue spool, int length)
    {
        using (spool.Enter()) spool.ReserveUnsynchronized(length).Fill((byte)'x');
    }
}
