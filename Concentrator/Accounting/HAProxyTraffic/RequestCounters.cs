using System.Runtime.CompilerServices;

namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>Where the requests of one frontend to one backend are counted, in one shard.</summary>
internal readonly struct RequestCounters(FrontendCounters frontend, long[] backend)
{
    /// <summary>Counts a request or session. Part of the one place that calls it, for every line.</summary>
    /// <param name="statusClass">Of <see cref="StatusClasses"/>.</param>
    /// <param name="responseTime">Milliseconds; negative = there was none.</param>
    /// <param name="activeTime">Likewise.</param>
    /// <param name="termination">Of <see cref="TerminationStates"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int statusClass, int responseTime, int activeTime, int termination)
    {
        frontend.Add(statusClass, responseTime, activeTime, termination);
        backend[statusClass]++;
    }
}
