using Concentrator.Ingest.Lanes;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>How long messages gather from one round to the next: no longer than a SIEM notices, and no shorter than they are worth.</summary>
[TestFixture]
internal sealed class RoundLengthTests
{
    private const int Enough = 64;

    [TestCase(1)]
    [TestCase(200)]
    [TestCase(1_000)]
    [TestCase(3_500)]
    public void At_a_low_rate_rounds_are_as_long_as_they_may_be(int rate) =>
        Assert.That(Steady(rate), Is.EqualTo(RoundLength.Longest));

    [TestCase(5_000)]
    [TestCase(8_000)]
    public void At_a_higher_rate_a_round_is_as_long_as_enough_takes_to_come(int rate) =>
        Assert.That(Steady(rate).TotalSeconds * rate, Is.EqualTo(Enough).Within(2));

    [TestCase(20_000)]
    [TestCase(500_000)]
    public void No_rate_makes_rounds_so_short_that_they_cost_more_than_they_bring(int rate) =>
        Assert.That(Steady(rate), Is.EqualTo(RoundLength.Shortest));

    [Test]
    public void After_a_silence_rounds_are_long_again()
    {
        RoundLength round = new(Enough);
        round.Begin(10_000, TimeSpan.FromMilliseconds(10));
        round.Begin(10_000, TimeSpan.FromHours(1));
        Assert.That(round.Current, Is.EqualTo(RoundLength.Longest));
    }

    [Test]
    public void A_round_that_brought_nothing_or_took_no_time_is_no_fault()
    {
        RoundLength round = new(Enough);
        round.Begin(0, TimeSpan.Zero);
        Assert.That(round.Current, Is.EqualTo(RoundLength.Shortest));
        round.Begin(0, TimeSpan.MaxValue);
        Assert.That(round.Current, Is.EqualTo(RoundLength.Longest));
    }

    /// <summary>Each round takes what came since the last one began.</summary>
    private static TimeSpan Steady(int rate)
    {
        RoundLength round = new(Enough);
        for (int i = 0; i < 50; i++)
        {
            TimeSpan took = round.Current;
            round.Begin((long)(took.TotalSeconds * rate), took);
        }
        return round.Current;
    }
}
