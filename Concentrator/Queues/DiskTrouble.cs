using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues;

/// <summary>The kinds of disk work of a queue. Each fails and recovers on its own.</summary>
[Flags]
internal enum DiskWork
{
    /// <summary>No work.</summary>
    None = 0,

    /// <summary>Storing blocks, new segments included.</summary>
    Storing = 1,

    /// <summary>Reading blocks back for the relay.</summary>
    Reading = 2,

    /// <summary>Saving how far delivery has come.</summary>
    Checkpoint = 4,

    /// <summary>Flushing, for <c>Durability: power</c>.</summary>
    Flushing = 8,

    /// <summary>Creating the directory again after it was removed.</summary>
    Directory = 16,
}

/// <summary>
/// Logs one line when a queue's disk begins to fail (the first kind of work fails) and one when it works again (the last one recovers).
/// Kinds that recover while others fail are not logged; otherwise a disk that only accepts what fits into the open segment would be
/// reported as failing and working with every block. Only the queue's thread calls, and who has ended it.
/// </summary>
internal sealed class DiskTrouble(string output, Func<long> memory, LoopHeartbeat mark, TimeProvider time, ILogger logger)
{
    private DiskWork _failing;
    private long _since;

    /// <summary>Whether something failed since <see cref="TryAgain"/>: until then, nothing is stored.</summary>
    public bool Pauses { get; private set; }

    public void TryAgain() => Pauses = false;

    public bool Includes(DiskWork work) => (_failing & work) != 0;

    public void Fails(DiskWork work, string reason)
    {
        if (_failing == DiskWork.None)
        {
            _since = time.GetTimestamp();
            logger.SpoolCannotBeWritten(output, reason, memory());
        }
        _failing |= work;
        Pauses = true;
    }

    public void Works(DiskWork work)
    {
        if (!Includes(work)) return;
        _failing &= ~work;
        if (_failing == DiskWork.None) logger.SpoolResumed(output, time.GetElapsedTime(_since));
    }

    /// <summary>Does one step of that work. False when it failed with an <see cref="IOException"/>.</summary>
    public bool Attempt(DiskWork work, Action step)
    {
        try
        {
            using (mark.While(LoopWait.Disk)) step();
        }
        catch (IOException e)
        {
            Fails(work, e.Message);
            return false;
        }
        Works(work);
        return true;
    }
}
