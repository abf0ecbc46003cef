using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary><c>MaxRate</c>: the arithmetic on virtual time, and a relay that is held to it.</summary>
[TestFixture]
internal sealed class RelayRateLimitTests
{
    private const int Frame = 8192;

    [Test]
    public void No_span_ever_sees_more_than_the_rate_allows_a_quarter_second_ahead_and_one_block() => Prop.ForAll(
        Arb.From(
            from rate in Gen.Choose(1024, 10_000_000)
            from steps in Gen.ListOf(from pause in Gen.Choose(0, 400) from size in Gen.Choose(1, 200_000) select (pause, size))
            select (rate, steps)),
        static plan =>
        {
            ManualTimeProvider time = new();
            RelayRateLimit pace = new(plan.rate, time);
            List<(long At, int Size)> written = [];
            foreach ((int pause, int size) in plan.steps)
            {
                // Every second writer comes when he may, the others when they like.
                time.Advance(pause % 2 == 0 ? pace.UntilNext : TimeSpan.FromMilliseconds(pause));
                if (pace.UntilNext > TimeSpan.Zero) continue;
                pace.Spend(size);
                written.Add((time.GetTimestamp(), size));
            }
            for (int first = 0; first < written.Count; first++)
            {
                long sum = 0;
                for (int last = first; last < written.Count; last++)
                {
                    double span = (written[last].At - written[first].At) / (double)TimeSpan.TicksPerSecond;
                    if (sum > plan.rate * (span + RelayRateLimit.Credit.TotalSeconds) + 1) return false;
                    sum += written[last].Size;
                }
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Test]
    public void Who_writes_whenever_he_may_gets_the_whole_rate()
    {
        ManualTimeProvider time = new();
        RelayRateLimit pace = new(1_000_000, time);
        long begun = time.GetTimestamp(), sum = 0;
        while (time.GetElapsedTime(begun) < TimeSpan.FromSeconds(100))
        {
            // Timers that come up to a tenth of a second late cost nothing.
            time.Advance(pace.UntilNext + TimeSpan.FromMilliseconds(sum % 100));
            while (pace.UntilNext == TimeSpan.Zero)
            {
                pace.Spend(65_536);
                sum += 65_536;
            }
        }
        Assert.That(sum, Is.InRange(100_000_000, 100_500_000));
    }

    [Test]
    public void A_pause_earns_a_quarter_of_a_second_and_no_more()
    {
        ManualTimeProvider time = new();
        RelayRateLimit pace = new(1_000_000, time);
        time.Advance(TimeSpan.FromHours(1));
        pace.Spend(250_000);
        Assert.That(pace.UntilNext, Is.EqualTo(TimeSpan.Zero));
        pace.Spend(500_000);
        Assert.That(pace.UntilNext, Is.EqualTo(TimeSpan.FromSeconds(0.5)));
    }

    [Test]
    public void Holding_a_relay_to_its_rate_allocates_nothing()
    {
        RelayRateLimit pace = new(1_000_000, TimeProvider.System);
        Assert.That(
            Allocation.InSteadyState(() =>
            {
                _ = pace.UntilNext;
                pace.Spend(1);
            }),
            Is.Zero);
    }

    [Test]
    public async Task While_the_clock_stands_still_a_limited_relay_sends_its_first_quarter_second_and_settles_it()
    {
        using TlsIntake intake = new(certificate: null);
        ManualTimeProvider time = new();
        using TargetBench bench = TargetBench.Relay(Limited(intake.Port, "400KB"), time: time);
        for (int i = 0; i < 64; i++) bench.SendFrame(new string('x', Frame));
        Eventually.Holds(() => bench.Ledger.Delivered > 12, "100 KB are delivered, and the block begun within them", detail: bench.Log.ToString);
        Assert.That(bench.Ledger.Delivered, Is.LessThanOrEqualTo(20));

        long begun = time.GetTimestamp();
        Eventually.Holds(
            () =>
            {
                // Looked at before the clock moves on: what is delivered by then was allowed by then.
                long delivered = bench.Ledger.Delivered;
                double allowed = 400 * 1024 * (time.GetElapsedTime(begun) + RelayRateLimit.Credit).TotalSeconds + Block.Capacity;
                Assert.That(delivered * Frame, Is.LessThanOrEqualTo(allowed));
                time.Advance(TimeSpan.FromMilliseconds(10));
                return delivered == 64;
            },
            "everything is delivered as the clock moves on", detail: bench.Log.ToString);
        await bench.StopAsync();
    }

    [Test]
    public async Task A_limited_relay_that_waits_ends_with_the_stops_deadline_and_a_reload_at_once()
    {
        using TlsIntake intake = new(certificate: null);
        foreach (bool detach in new[] { false, true })
        {
            using TargetBench bench = TargetBench.Relay(Limited(intake.Port, "1KB"), time: new ManualTimeProvider());
            bench.SendFrame(new string('x', 60_000));
            bench.WaitForDelivered(1);
            bench.SendFrame("waits for a minute");
            await (detach ? bench.DetachAsync() : bench.StopAsync(seconds: 0.2)).WaitAsync(Deadline.Reaction);
            Assert.That(bench.Ledger.Delivered, Is.EqualTo(1));
            Assert.That(bench.Ledger.Balances);
        }
    }

    private static RelayOutputOptions Limited(int port, string rate) => new()
    {
        Name = "relay",
        Endpoints = new RelayEndpoints([new RelayEndpoint("127.0.0.1", port)]),
        MaxRate = ByteSize.Parse(rate).TryGet(out long bytes, out _) ? bytes : null,
    };
}
