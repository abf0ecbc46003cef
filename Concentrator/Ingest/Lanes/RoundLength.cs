namespace Concentrator.Ingest.Lanes;

/// <summary>
/// How long messages gather from the beginning of one round to the next. A round takes all that has arrived, notifies the outputs, and
/// then rests. Pure arithmetic on the times passed in; allocates nothing. Used by one thread, that of a lane or of the streams.
/// <para>
/// A round wakes the lane's thread, the spool's and the file's, and costs some 130 µs whether it brings one message or a hundred. So
/// rounds are long at low rates, where they are most of the cost of a message, and shorter where enough arrives in less time.
/// </para>
/// </summary>
/// <param name="enough">The amount that justifies a round, in the unit passed to <see cref="Begin"/>.</param>
internal sealed class RoundLength(long enough)
{
    /// <summary>Nothing reads logs faster than every 20 ms; the rest of that is for the queue, the network and a busy machine.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(18);

    /// <summary>A hundred or more rounds a second cost a few percent of a processor, whatever they bring.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(6);

    /// <summary>The length of the round that has begun.</summary>
    public TimeSpan Current { get; private set; } = Longest;

    /// <summary>Begins a round and sets its length to the time in which enough gathers at the rate since the last round began.</summary>
    /// <param name="gathered">The amount taken in the last round.</param>
    /// <param name="since">The time since the last round began.</param>
    public void Begin(long gathered, TimeSpan since)
    {
        double ticks = since.Ticks * (double)enough / Math.Max(gathered, 1);
        Current = TimeSpan.FromTicks((long)Math.Clamp(ticks, Shortest.Ticks, Longest.Ticks));
    }
}
