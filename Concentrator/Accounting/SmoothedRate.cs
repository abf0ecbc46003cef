namespace Concentrator.Accounting;

/// <summary>
/// A rate per second, smoothed: an exponentially weighted mean of the last <paramref name="span"/> or so. It is a true mean
/// from the first sample on: what has not been seen yet weighs nothing. Pure arithmetic, one caller.
/// </summary>
internal sealed class SmoothedRate(TimeSpan span)
{
    private double _sum;
    private double _weight;

    /// <summary>Null before the first sample.</summary>
    public double? PerSecond => _weight > 0 ? _sum / _weight : null;

    /// <summary>So many came in the time since the sample before.</summary>
    /// <param name="elapsed">More than zero.</param>
    public void Add(long count, TimeSpan elapsed)
    {
        double kept = Math.Exp(-elapsed / span);
        _sum = _sum * kept + (1 - kept) * count / elapsed.TotalSeconds;
        _weight = _weight * kept + (1 - kept);
    }

    /// <summary>What was seen says nothing about what comes.</summary>
    public void Restart() => _sum = _weight = 0;
}
