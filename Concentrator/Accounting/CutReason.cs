namespace Concentrator.Accounting;

/// <summary>Why a connection was cut that its peer had not ended: the <c>reason</c> label speaks it.</summary>
internal enum CutReason : byte
{
    /// <summary>Silent for <c>IdleTimeout</c>.</summary>
    Idle,

    /// <summary>The longest silent when a limit was met and a new connection came.</summary>
    GaveWay,

    /// <summary>Its unfinished message was among the largest when all together met <c>Streams:MaxMemory</c>.</summary>
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
