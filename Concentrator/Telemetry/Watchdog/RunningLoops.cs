namespace Concentrator.Telemetry.Watchdog;

/// <summary>The running loops on the path of a message. Any thread may call.</summary>
internal sealed class RunningLoops
{
    private readonly Lock _gate = new();
    private readonly List<LoopHeartbeat> _marks = [];

    /// <summary>Adds a loop that begins, marked as working.</summary>
    public void Enter(LoopHeartbeat mark)
    {
        mark.Works();
        lock (_gate) _marks.Add(mark);
    }

    /// <summary>Removes a loop that has ended.</summary>
    public void Leave(LoopHeartbeat mark)
    {
        lock (_gate) _marks.Remove(mark);
    }

    public IReadOnlyList<LoopHeartbeat> All()
    {
        lock (_gate) return [.. _marks];
    }
}
