using System.Runtime.CompilerServices;

namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>What one frontend has served. One thread adds at a time; any thread may read, and finds each number whole.</summary>
internal sealed class FrontendCounters
{
    // One array, so that a request touches few cache lines.
    private const int Requests = 0;
    private const int Response = Requests + StatusClasses.Count;
    private const int Active = Response + TimeCells;
    private const int Terminations = Active + TimeCells;
    private const int Size = Terminations + TerminationStates.Count;

    // Each time: its buckets, the sum in milliseconds, and how many requests had none.
    private const int Sum = TimeBuckets.Count;
    private const int Missing = Sum + 1;
    private const int TimeCells = Missing + 1;

    private Cells _cells;

    /// <param name="statusClass">Of <see cref="StatusClasses"/>.</param>
    /// <param name="responseTime">Milliseconds; negative = there was none.</param>
    /// <param name="activeTime">Likewise.</param>
    /// <param name="termination">Of <see cref="TerminationStates"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int statusClass, int responseTime, int activeTime, int termination)
    {
        Span<long> cells = _cells;
        cells[Requests + statusClass]++;
        cells[Terminations + termination]++;
        if (statusClass == StatusClasses.Tcp) return;
        AddTime(cells, Response, responseTime);
        AddTime(cells, Active, activeTime);
    }

    public void ReadInto(FrontendSnapshot total)
    {
        for (int i = 0; i < StatusClasses.Count; i++) total.Requests[i] += Read(Requests + i);
        for (int i = 0; i < TerminationStates.Count; i++) total.Terminations[i] += Read(Terminations + i);
        ReadInto(Response, total.ResponseTime);
        ReadInto(Active, total.ActiveTime);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTime(Span<long> cells, int offset, int time)
    {
        if (time < 0)
        {
            cells[offset + Missing]++;
            return;
        }
        cells[offset + Sum] += time;
        cells[offset + TimeBuckets.NumberOf(time)]++;
    }

    private void ReadInto(int offset, TimeSnapshot total)
    {
        for (int i = 0; i < TimeBuckets.Count; i++) total.Buckets[i] += Read(offset + i);
        total.SumMilliseconds += Read(offset + Sum);
        total.Missing += Read(offset + Missing);
    }

    private long Read(int cell) => Volatile.Read(ref _cells[cell]);

    [InlineArray(Size)]
    private struct Cells
    {
        private long _first;
    }
}
