using System.Diagnostics;

namespace Concentrator.Tools.Rehearsal;

/// <summary>So many messages a second on average, in small portions. One thread.</summary>
/// <param name="tick">The shortest sleep: what is due within it is sent at once.</param>
/// <param name="mostOwed">Who was held up makes up for no more than this.</param>
/// <param name="over">Ends the wait and the pace.</param>
internal sealed class SteadyPace(double perSecond, TimeSpan tick, TimeSpan mostOwed, CancellationToken over)
{
    private long _next = Stopwatch.GetTimestamp();

    public bool IsOver => over.IsCancellationRequested;

    /// <summary>Waits until the next message is due. False when it is over.</summary>
    public bool Wait()
    {
        long now = Stopwatch.GetTimestamp();
        _next = Math.Max(_next + (long)(Stopwatch.Frequency / perSecond), now - (long)(mostOwed.TotalSeconds * Stopwatch.Frequency));
        TimeSpan left = Stopwatch.GetElapsedTime(now, _next);
        if (left > tick) over.WaitHandle.WaitOne(left);
        return !IsOver;
    }
}
