using Concentrator.Bench.Measure;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

[TestFixture]
internal sealed class LatencyHistogramTests
{
    private static readonly double[] Shares = [0.01, 0.5, 0.9, 0.99, 0.999, 1];

    [Test]
    public void Percentiles_are_those_of_the_sorted_values_and_at_most_a_64th_above() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Select(static v => (long)v << (v % 30)).NonEmptyListOf().ToArbitrary(), values =>
        {
            LatencyHistogram histogram = new();
            foreach (long value in values) histogram.Record(value);
            long[] sorted = [.. values.Order()];
            return Shares.All(share =>
            {
                long exact = sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
                long read = histogram.Percentile(share);
                return read >= exact && read - exact <= exact / 64 && read <= histogram.Max;
            });
        }).Check(Config.QuickThrowOnFailure);

    [Test]
    public void Its_ends_hold_any_value()
    {
        LatencyHistogram histogram = new();
        histogram.Record(long.MaxValue);
        histogram.Record(-5);
        Assert.Multiple(() =>
        {
            Assert.That(histogram.Percentile(0.5), Is.Zero);
            Assert.That(histogram.Max, Is.EqualTo(long.MaxValue));
            Assert.That(histogram.Percentile(1), Is.EqualTo(long.MaxValue));
            Assert.That(histogram.Count, Is.EqualTo(2));
        });
    }

    [Test]
    public void Nothing_recorded_is_nothing() => Assert.That(new LatencyHistogram().Summarize(), Is.EqualTo(new LatencySummary(0, 0, 0, 0, 0, 0)));

    [Test]
    public void Histograms_add_up()
    {
        LatencyHistogram one = new(), other = new(), both = new();
        for (int i = 0; i < 1000; i++)
        {
            (i % 3 == 0 ? one : other).Record(i * 1000L);
            both.Record(i * 1000L);
        }
        one.Add(other);
        Assert.That(one.Summarize(), Is.EqualTo(both.Summarize()));
    }
}
