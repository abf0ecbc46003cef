namespace Concentrator.Telemetry.Watchdog;

/// <summary>The loops on the way of a message that run at the moment. Any thread may call.</summary>
internal sealed class RunningLoops
{
    private readonly Lock _gate = new();
    private readonly List<LoopMark> _marks = [];

    /// <summary>The loop begins, at work.</summary>
    public void Enter(LoopMark mark)
    {
        mark.Works();
        lock (_gate) _marks.Add(mark);
    }

    /// <summary>It has ended.</summary>
    public void Leave(LoopMark mark)
    {
        lock (_gate) _marks.Remove(mark);
    }

    public IReadOnlyList<LoopMark> All()
    {
        lock (_gate) return [.. _marks];
    }
}
