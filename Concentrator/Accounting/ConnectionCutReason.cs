namespace Concentrator.Accounting;

/// <summary>Why the server ended a connection; the value of the <c>reason</c> label.</summary>
internal enum ConnectionCutReason : byte
{
    /// <summary>Silent for <c>IdleTimeout</c>.</summary>
    Idle,

    /// <summary>It was the longest silent when a new connection came at a limit.</summary>
    GaveWay,

    /// <summary>Its unfinished message was among the largest when all together reached <c>Streams:MaxMemory</c>.</summary>
    Memory,
}

/// <summary>The label of each reason in metrics.</summary>
internal static class ConnectionCutReasons
{
    public static readonly ConnectionCutReason[] All = Enum.GetValues<ConnectionCutReason>();

    public static string Label(this ConnectionCutReason reason) => reason switch
    {
        ConnectionCutReason.Idle => "idle",
        ConnectionCutReason.GaveWay => "gave_way",
        _ => "memory",
    };
}
