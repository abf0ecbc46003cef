namespace Concentrator.Bench.Measure;

/// <summary>The median of several measurements, with their minimum and maximum.</summary>
internal readonly record struct Sample(double Median, double Least, double Most)
{
    /// <param name="values">At least one value.</param>
    public static Sample Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Sample(median, sorted[0], sorted[^1]);
    }
}
