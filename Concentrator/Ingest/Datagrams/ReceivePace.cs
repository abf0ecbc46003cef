namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// How long a datagram reader may leave its socket alone, so that datagrams gather and one wake-up fetches several. Arithmetic on
/// times that it is given; allocates nothing. Used by the reader's thread.
/// <para>
/// No longer than a quarter of what a sender may have waiting takes to come, at the rate of the last datagrams, and never longer than
/// <see cref="LongestGather"/>: a process that sends as fast as it can, out of a silence, needs some 0.7 ms to fill the kernel's
/// default send buffer (167 datagrams of 300 bytes, some 4 µs each).
/// </para>
/// </summary>
/// <param name="budget">Bytes of kernel memory that a sender's datagrams may take while they wait, their overhead included.</param>
/// <param name="depth">Datagrams that may wait in the socket.</param>
internal sealed class ReceivePace(long budget, int depth)
{
    public static readonly TimeSpan LongestGather = TimeSpan.FromMilliseconds(0.5);

    /// <summary>Gathering costs a timer: fewer datagrams than this are not worth it.</summary>
    private const int LeastGathered = 2;

    /// <summary>After this long without a datagram, the rate says nothing.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(20);

    // Ticks between two datagrams and bytes of one, smoothed.
    private double _between = Silence.Ticks;
    private double _length;
    private TimeSpan _receivedAt;

    /// <summary>A call has received that many datagrams, of so many bytes together.</summary>
    /// <param name="now">Any clock that only goes forward.</param>
    public void Received(int count, long bytes, TimeSpan now)
    {
        const double weight = 0.25;
        double between = (double)Math.Min((now - _receivedAt).Ticks, Silence.Ticks) / count;
        _between += (between - _between) * weight;
        _length += ((double)bytes / count - _length) * weight;
        _receivedAt = now;
    }

    /// <summary>How long the socket, which is empty now, may be left alone; zero = wait for the next datagram.</summary>
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
