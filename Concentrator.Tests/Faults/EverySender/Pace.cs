using System.Diagnostics;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>So many a second on average. One thread; who was held up makes up for a second of it at most.</summary>
internal sealed class Pace(double perSecond, CancellationToken over)
{
    private static readonly TimeSpan MostOwed = TimeSpan.FromSeconds(1);

    private long _next = Stopwatch.GetTimestamp();

    public bool IsOver => over.IsCancellationRequested;

    /// <summary>Waits until the next is due. False when it is over.</summary>
    public bool Wait()
    {
        long now = Stopwatch.GetTimestamp();
        _next = Math.Max(_next + (long)(Stopwatch.Frequency / perSecond), now - (long)(MostOwed.TotalSeconds * Stopwatch.Frequency));
        TimeSpan left = Stopwatch.GetElapsedTime(now, _next);
        if (left > TimeSpan.FromMilliseconds(1)) over.WaitHandle.WaitOne(left);
        return !IsOver;
    }
}
