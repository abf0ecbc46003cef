namespace Concentrator.Tools.Demo;

/// <summary>Messages a second over about the last second. One thread.</summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Queue<(TimeSpan At, long Count)> _samples = [];

    /// <summary>Adds the count as it is at this time; the rate since the oldest sample of the window.</summary>
    public double Add(TimeSpan at, long count)
    {
        _samples.Enqueue((at, count));
        while (_samples.Count > 2 && at - _samples.Peek().At > Window) _samples.Dequeue();
        (TimeSpan since, long before) = _samples.Peek();
        return at > since ? (count - before) / (at - since).TotalSeconds : 0;
    }
}
