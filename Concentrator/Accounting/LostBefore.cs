namespace Concentrator.Accounting;

/// <summary>How messages were lost before they could be received, where their sender says so; the value of the <c>reason</c> label.</summary>
internal enum LostBefore : byte
{
    /// <summary>A ring of HAProxy was full: the sum of its notices <c>N events dropped</c>.</summary>
    RingDropped,

    /// <summary>HAProxy found its socket full: the growth of <c>DroppedLogs</c> at its stats socket.</summary>
    DroppedLogs,

    /// <summary>Numbers are missing from HAProxy's count of a frontend's lines (<c>lc=%lc</c> at their end).</summary>
    CounterGap,
}

/// <summary>The label of each reason in metrics.</summary>
internal static class LossesBefore
{
    public static readonly LostBefore[] All = Enum.GetValues<LostBefore>();

    public static string Label(this LostBefore reason) => reason switch
    {
        LostBefore.RingDropped => "ring_dropped",
        LostBefore.DroppedLogs => "haproxy_dropped_logs",
        _ => "counter_gap",
    };
}
