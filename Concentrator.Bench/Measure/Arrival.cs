using System.Diagnostics;
using Concentrator.Bench.Sink;

namespace Concentrator.Bench.Measure;

/// <summary>Waits for what was sent to come out at the other end.</summary>
internal static class Arrival
{
    /// <summary>Returns when all has come, when nothing has come for a while, or when told to stop.</summary>
    /// <param name="sent">Different messages.</param>
    /// <param name="quiet">So long without anything new means that nothing more will come.</param>
    public static SinkCount Await(SinkTally tally, long sent, TimeSpan quiet, CancellationToken stop)
    {
        SinkCount count = tally.Read();
        long lastChange = Stopwatch.GetTimestamp();
        while (count.Distinct < sent && Stopwatch.GetElapsedTime(lastChange) < quiet && !stop.WaitHandle.WaitOne(10))
        {
            SinkCount now = tally.Read();
            if (now.Frames != count.Frames) lastChange = Stopwatch.GetTimestamp();
            count = now;
        }
        return count;
    }
}
