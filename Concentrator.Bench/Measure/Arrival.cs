using System.Diagnostics;
using Concentrator.Bench.Sink;

namespace Concentrator.Bench.Measure;

/// <summary>Waits for what was sent to come out at the other end.</summary>
internal static class Arrival
{
    /// <summary>As the other, as long as anything comes.</summary>
    public static SinkCount Await(SinkTally tally, long sent, TimeSpan quiet, CancellationToken stop) =>
        Await(tally, sent, quiet, TimeSpan.MaxValue, stop);

    /// <summary>Returns when all has come, when nothing has come for a while, or when told to stop.</summary>
    /// <param name="sent">Different messages.</param>
    /// <param name="quiet">So long without anything new means that nothing more will come.</param>
    /// <param name="within">Returns after so long at the latest.</param>
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
