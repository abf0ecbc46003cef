using Concentrator.Hosting.Views;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry.Page;

/// <summary>Ten minutes of a counter, against a version that keeps everything.</summary>
internal sealed class SlotSeriesTests
{
    private const int Kept = SlotSeries.Slots - 1;

    private static readonly Gen<(int Milliseconds, int Growth)[]> Looks =
        (from milliseconds in Gen.Frequency((8, Gen.Choose(0, 3_000)), (2, Gen.Choose(0, 30_000)), (1, Gen.Choose(0, 2_000_000)))
         from growth in Gen.Choose(0, 10_000)
         select (milliseconds, growth)).ArrayOf(60);

    [Test]
    public void A_counter_grows_evenly_between_two_looks() => Prop.ForAll(Looks.ToArbitrary(), static looks =>
    {
        TimeSpan at = TimeSpan.FromSeconds(1), from = at;
        SlotSeries series = new(at);
        List<(TimeSpan From, TimeSpan To, double Amount)> all = [];
        long total = 0;
        foreach ((int milliseconds, int growth) in looks)
        {
            at += TimeSpan.FromMilliseconds(milliseconds);
            total += milliseconds == 0 ? 0 : growth;
            series.Count(at, total);
            all.Add((from, at, milliseconds == 0 ? 0 : growth));
            from = at;
        }
        AssertSame(series, all, at);
    }).QuickCheckThrowOnFailure();

    [Test]
    public void A_counter_that_begins_anew_adds_nothing_below_zero()
    {
        SlotSeries series = new(TimeSpan.Zero);
        series.Count(SlotSeries.Slot, 100);
        series.Count(SlotSeries.Slot * 2, 5);
        series.Count(SlotSeries.Slot * 3, 15);
        Assert.That(series.Read().PerSecond[^3..], Is.EqualTo(new[] { 20f, 0f, 2f }));
    }

    [Test]
    public void Nothing_added_is_a_line_of_zeros() => Assert.That(new SlotSeries(TimeSpan.Zero).Read().PerSecond, Is.EqualTo(new float[Kept]));

    private static void AssertSame(SlotSeries series, List<(TimeSpan From, TimeSpan To, double Amount)> all, TimeSpan at)
    {
        SlotReading seen = series.Read();
        long open = at.Ticks / SlotSeries.Slot.Ticks;
        for (int i = 0; i < Kept; i++)
        {
            double expected = open - Kept + i < 0 ? 0 : In(open - Kept + i) / SlotSeries.Slot.TotalSeconds;
            Assert.That(seen.PerSecond[i], Is.EqualTo(expected).Within(0.1 + (expected * 0.001)), $"slot {i}");
        }
        Assert.That(seen.Open, Is.EqualTo(In(open)).Within(0.1 + (In(open) * 0.001)));
        Assert.That(seen.Passed, Is.EqualTo(at - (SlotSeries.Slot * open)));

        double In(long slot)
        {
            TimeSpan begin = SlotSeries.Slot * slot, end = SlotSeries.Slot * (slot + 1);
            return all.Sum(part =>
            {
                TimeSpan shared = (part.To < end ? part.To : end) - (part.From > begin ? part.From : begin);
                return shared <= TimeSpan.Zero ? 0 : part.Amount * (shared / (part.To - part.From));
            });
        }
    }
}
