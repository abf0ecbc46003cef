namespace Concentrator.Telemetry.Watchdog;

/// <summary>The running loops on the path of a message. Any thread may call.</summary>
internal sealed class RunningLoops
{
    private readonly Lock _gate = new();
    private readonly List<LoopMark> _marks = [];

    /// <summary>Adds a loop that begins, marked as working.</summary>
    public void Enter(LoopMark mark)
    {
        mark.Works();
        lock (_gate) _marks.Add(mark);
    }

    /// <summary>Removes a loop that has ended.</summary>
    public void Leave(LoopMark mark)
    {
        lock (_gate) _marks.Remove(mark);
    }

    public IReadOnlyList<LoopMark> All()
    {
        lock (_gate) return [.. _marks];
    }
}
