namespace Concentrator.Tools.Demo;

/// <summary>Messages per second over about the last second. Not thread-safe.</summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Queue<(TimeSpan At, long Count)> _samples = [];

    /// <summary>Adds a count taken at this time, and returns the rate since the oldest sample of the window.</summary>
    public double Add(TimeSpan at, long count)
    {
        _samples.Enqueue((at, count));
        while (_samples.Count > 2 && at - _samples.Peek().At > Window) _samples.Dequeue();
        (TimeSpan since, long before) = _samples.Peek();
        return at > since ? (count - before) / (at - since).TotalSeconds : 0;
    }
}
