namespace Concentrator.Bench.Measure;

/// <summary>The same thing measured several times: what is reported is the median, with the least and the most beside it.</summary>
internal readonly record struct Sample(double Median, double Least, double Most)
{
    /// <param name="values">At least one.</param>
    public static Sample Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Sample(median, sorted[0], sorted[^1]);
    }
}
