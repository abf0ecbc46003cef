namespace Concentrator.Accounting;

/// <summary>
/// A smoothed rate per second: an exponentially weighted mean of about the last <paramref name="span"/>. It is a true mean
/// from the first sample on: time before it has no weight. Pure arithmetic, one caller.
/// </summary>
internal sealed class SmoothedRate(TimeSpan span)
{
    private double _sum;
    private double _weight;

    /// <summary>Null before the first sample.</summary>
    public double? PerSecond => _weight > 0 ? _sum / _weight : null;

    /// <summary>Adds a sample: <paramref name="count"/> events in the time since the previous one.</summary>
    /// <param name="elapsed">More than zero.</param>
    public void Add(long count, TimeSpan elapsed)
    {
        double kept = Math.Exp(-elapsed / span);
        _sum = _sum * kept + (1 - kept) * count / elapsed.TotalSeconds;
        _weight = _weight * kept + (1 - kept);
    }

    /// <summary>Discards all samples, because they say nothing about what comes next.</summary>
    public void Restart() => _sum = _weight = 0;
}
