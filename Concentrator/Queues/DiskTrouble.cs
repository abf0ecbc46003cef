using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues;

/// <summary>What a queue does with its disk. Each part fails and works again by itself.</summary>
[Flags]
internal enum DiskWork
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Storing blocks, new segments included.</summary>
    Storing = 1,

    /// <summary>Reading blocks back for the relay.</summary>
    Reading = 2,

    /// <summary>Saving how far delivery has come.</summary>
    Checkpoint = 4,

    /// <summary>Flushing, for <c>Durability: power</c>.</summary>
    Flushing = 8,

    /// <summary>Making the directory again after it was removed.</summary>
    Directory = 16,
}

/// <summary>
/// Says in one line that a queue's disk fails, and in one that it works again: when the first part fails, and when the last one works.
/// A part that works while another does not says nothing, or a disk that only takes what fits into the segment that is open would be
/// said to come and go with every block. For the queue's thread alone.
/// </summary>
internal sealed class DiskTrouble(string output, Func<long> memory, TimeProvider time, ILogger logger)
{
    private DiskWork _failing;
    private long _since;

    public bool Includes(DiskWork work) => (_failing & work) != 0;

    public void Fails(DiskWork work, string reason)
    {
        if (_failing == DiskWork.None)
        {
            _since = time.GetTimestamp();
            logger.SpoolCannotBeWritten(output, reason, memory());
        }
        _failing |= work;
    }

    public void Works(DiskWork work)
    {
        if (!Includes(work)) return;
        _failing &= ~work;
        if (_failing == DiskWork.None) logger.SpoolResumed(output, time.GetElapsedTime(_since));
    }
}
