using System.Diagnostics;

namespace Concentrator.Accounting;

/// <summary>Number and duration of the times when a relay lacked a connection that it wanted. Any thread may call.</summary>
internal sealed class OutageCounters
{
    private readonly Lock _gate = new();
    private long _began;
    private long _ended;
    private TimeSpan _duration;
    private long? _since;

    /// <summary>The connection is lost or cannot be made; no effect during an outage.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_since is not null) return;
            _since = Stopwatch.GetTimestamp();
            _began++;
        }
    }

    /// <summary>The connection is up.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (_since is not { } since) return;
            _duration += Stopwatch.GetElapsedTime(since);
            _since = null;
            _ended++;
        }
    }

    public OutageSnapshot Read()
    {
        lock (_gate)
            return new OutageSnapshot(_began, _ended, _duration + (_since is { } since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero));
    }
}

/// <summary>Outages since the start.</summary>
/// <param name="Duration">Total duration, including the current outage.</param>
internal readonly record struct OutageSnapshot(long Began, long Ended, TimeSpan Duration);
