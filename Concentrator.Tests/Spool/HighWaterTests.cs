using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Tests.Telemetry;
using NUnit.Framework;

namespace Concentrator.Tests.Spool;

internal sealed class HighWaterTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void Streams_wait_while_any_queue_is_high()
    {
        HighWater water = new(_time);
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
        HighWater water = new(_time);
        long stuck = water.Rise();
        Task low = water.Low;
        _time.Advance(HighWater.Patience);
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
        OutputSpool spool = new(
            new OutputCounters("test", isRelay: false, 1_000_000), new BlockPool(), pressure, WhenFull.DropOldest, 1_000_000, static _ => { });
        Append(spool, 250_000);
        Assert.That(pressure.HighWater.Low.IsCompleted);
        Append(spool, 1);
        Assert.That(pressure.HighWater.Low.IsCompleted, Is.False);
        spool.Settle(spool.TryTake()!);
        Assert.That(pressure.HighWater.Low.IsCompleted);
    }

    [Test]
    public void A_queue_that_ends_while_it_is_high_holds_nobody_up()
    {
        BackPressure pressure = new(_time);
        OutputSpool spool = new(
            new OutputCounters("test", isRelay: false, 1_000_000), new BlockPool(), pressure, WhenFull.DropOldest, 1_000_000, static _ => { });
        Append(spool, 500_000);
        spool.Close();
        spool.End(DropReason.Shutdown);
        Assert.That(pressure.HighWater.Low.IsCompleted);
    }

    private static void Append(OutputSpool spool, int length)
    {
        lock (spool.Gate) spool.ReserveUnsynchronized(length).Fill((byte)'x');
    }
}
