namespace Concentrator.Ingest.Lanes;

/// <summary>
/// How long messages gather from the beginning of one round of work to the next. Arithmetic on times that it is given; allocates
/// nothing. Used by one thread, a lane's or the streams'.
/// <para>
/// A round wakes the lane's thread, the spool's and the file's, and costs some 130 µs whether it brings one message or a hundred. So
/// rounds are long at low rates, where that is most of what a message costs, and shorter where enough comes in less time.
/// </para>
/// </summary>
/// <param name="enough">What is worth a round, in whatever unit <see cref="Begin"/> is given.</param>
internal sealed class RoundLength(long enough)
{
    /// <summary>Nothing reads logs faster than 20 ms; the rest of that is for the queue, the network and a busy machine.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(18);

    /// <summary>A hundred rounds and more a second cost a few percent of a processor, whatever they bring.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(6);

    /// <summary>Of the round that has begun.</summary>
    public TimeSpan Current { get; private set; } = Longest;

    /// <summary>A round begins: it is given as long as it took to gather enough, at the rate since the last one began.</summary>
    /// <param name="gathered">Taken in the last round.</param>
    /// <param name="since">The last one began.</param>
    public void Begin(long gathered, TimeSpan since)
    {
        double ticks = since.Ticks * (double)enough / Math.Max(gathered, 1);
        Current = TimeSpan.FromTicks((long)Math.Clamp(ticks, Shortest.Ticks, Longest.Ticks));
    }
}
