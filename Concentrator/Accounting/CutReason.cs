namespace Concentrator.Accounting;

/// <summary>Why the server ended a connection; the value of the <c>reason</c> label.</summary>
internal enum CutReason : byte
{
    /// <summary>Silent for <c>IdleTimeout</c>.</summary>
    Idle,

    /// <summary>It was the longest silent when a new connection came at a limit.</summary>
    GaveWay,

    /// <summary>Its unfinished message was among the largest when all together reached <c>Streams:MaxMemory</c>.</summary>
    Memory,
}

/// <summary>The label of each reason in metrics.</summary>
internal static class CutReasons
{
    public static readonly CutReason[] All = Enum.GetValues<CutReason>();

    public static string Label(this CutReason reason) => reason switch
    {
        CutReason.Idle => "idle",
        CutReason.GaveWay => "gave_way",
        _ => "memory",
    };
}
