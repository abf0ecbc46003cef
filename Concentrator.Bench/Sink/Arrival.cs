using System.Diagnostics;

namespace Concentrator.Bench.Sink;

/// <summary>Waits until sent messages arrive at the other end.</summary>
internal static class Arrival
{
    /// <summary>As the other overload, without a time limit as long as messages arrive.</summary>
    public static SinkCount Await(SinkTally tally, long sent, TimeSpan quiet, CancellationToken stop) =>
        Await(tally, sent, quiet, TimeSpan.MaxValue, stop);

    /// <summary>Returns when everything has arrived, when nothing has arrived for a while, or on cancellation.</summary>
    /// <param name="sent">The number of distinct messages.</param>
    /// <param name="quiet">The time without a new message after which no more are expected.</param>
    /// <param name="within">The time limit.</param>
    public static SinkCount Await(SinkTally tally, long sent, TimeSpan quiet, TimeSpan within, CancellationToken stop)
    {
        SinkCount count = tally.Read();
        long began = Stopwatch.GetTimestamp();
        long lastChange = began;
        while (count.Distinct < sent && Stopwatch.GetElapsedTime(lastChange) < quiet && Stopwatch.GetElapsedTime(began) < within
            && !stop.WaitHandle.WaitOne(10))
        {
            SinkCount now = tally.Read();
            if (now.Frames != count.Frames) lastChange = Stopwatch.GetTimestamp();
            count = now;
        }
        return count;
    }
}
