namespace Concentrator.Targets.Relays;

/// <summary>
/// How long to wait before the next attempt to connect: 0.5 s, then twice as long each time up to 30 s, each shortened at
/// random by up to a quarter so that many hosts do not come back in step. Pure arithmetic.
/// </summary>
internal sealed class Backoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    /// <summary>The pause before the next attempt.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = _next * (1 - random.NextDouble() / 4);
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return pause;
    }

    /// <summary>A connection proved itself: the next pause is the first again.</summary>
    public void Reset() => _next = First;
}
