using System.Diagnostics;

namespace Concentrator.Accounting;

/// <summary>How often and how long a relay was without a connection that it wanted. Any thread may call.</summary>
internal sealed class OutageCounters
{
    private readonly Lock _gate = new();
    private long _began;
    private long _ended;
    private TimeSpan _duration;
    private long? _since;

    /// <summary>The connection is lost, or cannot be had; while it is so already, nothing changes.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_since is not null) return;
            _since = Stopwatch.GetTimestamp();
            _began++;
        }
    }

    /// <summary>There is a connection.</summary>
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
/// <param name="Duration">Of all of them, the present one included.</param>
internal readonly record struct OutageSnapshot(long Began, long Ended, TimeSpan Duration);
