namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// How long a datagram reader may leave its socket unread, so that datagrams gather and one wake-up fetches several. Pure arithmetic on
/// the times passed in; allocates nothing. Used by the reader's thread.
/// <para>
/// The limit is a quarter of the time that it takes, at the rate of the last datagrams, to fill what a sender may have waiting, and never
/// more than <see cref="LongestGather"/>: a process that sends as fast as it can after a silence needs some 0.7 ms to fill the kernel's
/// default send buffer (167 datagrams of 300 bytes, some 4 µs each).
/// </para>
/// </summary>
/// <param name="budget">Bytes of kernel memory that one sender's waiting datagrams may take, including their overhead.</param>
/// <param name="depth">Datagrams that may wait in the socket.</param>
internal sealed class ReceivePace(long budget, int depth)
{
    public static readonly TimeSpan LongestGather = TimeSpan.FromMilliseconds(0.5);

    /// <summary>Gathering costs a timer, which fewer datagrams than this do not justify.</summary>
    private const int LeastGathered = 2;

    /// <summary>Without a datagram for this long, the measured rate is meaningless.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(20);

    // Ticks between two datagrams, and bytes of one datagram, both smoothed.
    private double _between = Silence.Ticks;
    private double _length;
    private TimeSpan _receivedAt;

    /// <summary>Records that a call received <paramref name="count"/> datagrams of <paramref name="bytes"/> bytes in total.</summary>
    /// <param name="now">The time of any monotonic clock.</param>
    public void Received(int count, long bytes, TimeSpan now)
    {
        const double weight = 0.25;
        double between = (double)Math.Min((now - _receivedAt).Ticks, Silence.Ticks) / count;
        _between += (between - _between) * weight;
        _length += ((double)bytes / count - _length) * weight;
        _receivedAt = now;
    }

    /// <summary>How long the socket, now empty, may be left unread; zero means to wait for the next datagram.</summary>
    public TimeSpan Gather
    {
        get
        {
            // A unix datagram of 300 bytes takes 1,280 of its sender's buffer, one of 4 KB takes 8,192.
            double waiting = Math.Min(depth, budget / (2 * _length + 700)) / 4;
            double ticks = Math.Min(waiting * _between, LongestGather.Ticks);
            return ticks < LeastGathered * _between ? TimeSpan.Zero : TimeSpan.FromTicks((long)ticks);
        }
    }
}
