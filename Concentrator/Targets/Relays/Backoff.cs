namespace Concentrator.Targets.Relays;

/// <summary>
/// Delay before the next connection attempt: 0.5 s, doubling each time up to 30 s, each shortened at
/// random by up to a quarter so that many hosts do not reconnect in step. Pure arithmetic.
/// </summary>
internal sealed class Backoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    /// <summary>Returns the delay before the next attempt.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = _next * (1 - random.NextDouble() / 4);
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return pause;
    }

    /// <summary>Starts again at the first delay, after a connection has proved good.</summary>
    public void Reset() => _next = First;
}
