using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

[TestFixture]
internal sealed class PaceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    public void A_steady_rate_is_kept_in_bursts_of_a_tenth_of_a_millisecond()
    {
        Pace pace = new(RateRange.Steady(50_000), TimeSpan.Zero, 0);
        Assert.Multiple(() =>
        {
            Assert.That(pace.Burst, Is.EqualTo(5));
            Assert.That(pace.Due(TimeSpan.Zero), Is.EqualTo(5), "the first burst is due at once");
            Assert.That(pace.Due(TimeSpan.FromMilliseconds(0.09)), Is.EqualTo(5));
            Assert.That(pace.Due(TimeSpan.FromMilliseconds(0.11)), Is.EqualTo(10));
            Assert.That(pace.Due(Second), Is.EqualTo(50_005));
            Assert.That(pace.UntilNext(TimeSpan.FromMilliseconds(0.08), 5).TotalMilliseconds, Is.EqualTo(0.02).Within(0.001));
        });
    }

    [TestCase(200)]
    [TestCase(10_000)]
    public void Messages_come_one_by_one_at_the_rates_of_haproxy(double rate) =>
        Assert.That(new Pace(RateRange.Steady(rate), TimeSpan.Zero, 0).Burst, Is.EqualTo(1));

    [Test]
    public void A_sender_that_was_held_up_catches_up_at_twice_its_rate()
    {
        Assert.That(new Pace(RateRange.Steady(50_000), TimeSpan.Zero, 0).LeastGap(Second).TotalMilliseconds, Is.EqualTo(0.05).Within(0.001));
        Assert.That(new Pace(RateRange.Unlimited, TimeSpan.Zero, 0).LeastGap(Second), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_sender_that_woke_up_late_sends_what_is_due_and_not_a_flood()
    {
        Pace pace = new(RateRange.Steady(50_000), TimeSpan.Zero, 0);
        Assert.Multiple(() =>
        {
            Assert.That(pace.Owed(Second, TimeSpan.FromMilliseconds(0.1), 50_000), Is.EqualTo(5), "on time: a burst");
            Assert.That(pace.Owed(Second, TimeSpan.FromMilliseconds(0.2), 49_000), Is.EqualTo(20), "late: twice its rate");
            Assert.That(pace.Owed(Second, TimeSpan.FromMilliseconds(0.2), 49_995), Is.EqualTo(10), "no more than is due");
            Assert.That(pace.Owed(Second, Second, 0), Is.EqualTo(50), "a stall is not drained at once");
        });
    }

    [Test]
    public void Bursts_are_as_long_as_asked_for()
    {
        Pace pace = new(RateRange.Steady(1000), TimeSpan.Zero, 500);
        Assert.That(new[] { 0, 0.49, 0.51, 1.01 }.Select(s => pace.Due(TimeSpan.FromSeconds(s))), Is.EqualTo(new[] { 500, 500, 1000, 1500 }));
    }

    [Test]
    public void A_ramp_sends_the_mean_of_its_ends()
    {
        Pace pace = new(new RateRange(10_000, 200_000), 2 * Second, 1);
        Assert.Multiple(() =>
        {
            Assert.That(pace.Due(2 * Second), Is.EqualTo(210_001));
            Assert.That(pace.Due(Second), Is.EqualTo(57_501));
            Assert.That(pace.Due(3 * Second), Is.EqualTo(410_001), "and goes on at its end");
        });
    }

    [Test]
    public void Without_a_rate_everything_is_due() =>
        Assert.That(new Pace(RateRange.Unlimited, TimeSpan.Zero, 0).Due(TimeSpan.Zero), Is.EqualTo(long.MaxValue));
}
