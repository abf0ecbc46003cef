namespace Concentrator.Targets.Relays;

/// <summary>
/// Holds a relay to <c>MaxRate</c>: says how long to wait before the next block may be written. Arithmetic on the clock, no
/// timer of its own; allocates nothing. Used by the relay's loop.
/// <para>
/// One number is the whole state: the moment at which everything written so far would be through at the rate. A block may
/// begin as soon as that moment has come, whatever its length, and a pause earns at most <see cref="Credit"/>. So over any
/// span no more than rate × (span + credit) and one block is written: a token bucket, told in time.
/// </para>
/// </summary>
internal sealed class RelayPace(long bytesPerSecond, TimeProvider time)
{
    /// <summary>
    /// What may be caught up at once: long enough to even out timers that come late, short enough that a peer notices nothing.
    /// </summary>
    public static readonly TimeSpan Credit = TimeSpan.FromSeconds(0.25);

    private readonly long _credit = (long)(Credit.TotalSeconds * time.TimestampFrequency);
    private long _throughAt = time.GetTimestamp() - (long)(Credit.TotalSeconds * time.TimestampFrequency);

    /// <summary>Zero when the next block may be written now.</summary>
    public TimeSpan UntilNext
    {
        get
        {
            long ticks = _throughAt - time.GetTimestamp();
            return ticks <= 0 ? TimeSpan.Zero : time.GetElapsedTime(0, ticks);
        }
    }

    /// <summary>That many bytes are written now.</summary>
    public void Spend(int bytes)
    {
        long earliest = time.GetTimestamp() - _credit;
        long cost = (bytes * time.TimestampFrequency + bytesPerSecond - 1) / bytesPerSecond;
        _throughAt = Math.Max(_throughAt, earliest) + cost;
    }
}
