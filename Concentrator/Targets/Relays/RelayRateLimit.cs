namespace Concentrator.Targets.Relays;

/// <summary>
/// Limits a relay to <c>MaxRate</c>: returns how long to wait before the next block may be written. Arithmetic on the clock, without
/// a timer; allocates nothing. Used by the relay's loop.
/// <para>
/// The whole state is one number: the time at which everything written so far would be sent at the rate. A block may
/// begin once that time has come, whatever its length, and a pause earns at most <see cref="Credit"/>. So over any
/// span no more than rate × (span + credit) and one block is written: a token bucket, measured in time.
/// </para>
/// </summary>
internal sealed class RelayRateLimit(long bytesPerSecond, TimeProvider time)
{
    /// <summary>
    /// Credit that a pause can earn: long enough to even out late timers, short enough that a peer notices nothing.
    /// </summary>
    public static readonly TimeSpan Credit = TimeSpan.FromSeconds(0.25);

    private readonly long _credit = (long)(Credit.TotalSeconds * time.TimestampFrequency);
    private long _throughAt = time.GetTimestamp() - (long)(Credit.TotalSeconds * time.TimestampFrequency);

    /// <summary>Time until the next block may be written; zero = now.</summary>
    public TimeSpan UntilNext
    {
        get
        {
            long ticks = _throughAt - time.GetTimestamp();
            return ticks <= 0 ? TimeSpan.Zero : time.GetElapsedTime(0, ticks);
        }
    }

    /// <summary>Records that <paramref name="bytes"/> bytes are written now.</summary>
    public void Spend(int bytes)
    {
        long earliest = time.GetTimestamp() - _credit;
        long cost = (bytes * time.TimestampFrequency + bytesPerSecond - 1) / bytesPerSecond;
        _throughAt = Math.Max(_throughAt, earliest) + cost;
    }
}
