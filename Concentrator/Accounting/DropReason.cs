namespace Concentrator.Accounting;

/// <summary>Why an accepted message is not delivered; the value of the <c>reason</c> label, also used in the log.</summary>
internal enum DropReason : byte
{
    /// <summary>The queue had no room and the oldest block made way (<c>WhenFull: drop-oldest</c>).</summary>
    QueueFullOldest,

    /// <summary>The queue had no room and the new message was refused (<c>WhenFull: drop-newest</c>).</summary>
    QueueFullNewest,

    /// <summary>Still undelivered when <c>ShutdownTimeout</c> ended, and held in memory only.</summary>
    Shutdown,

    /// <summary>The block that held it was damaged on disk.</summary>
    SpoolCorrupt,

    /// <summary>The output was removed by a reload before it could deliver.</summary>
    OutputRemoved,

    /// <summary>The system had no memory for it.</summary>
    OutOfMemory,

    /// <summary>The peer refused it repeatedly and accepted others: it is set aside in the spool.</summary>
    Refused,
}

/// <summary>The label of each reason in metrics and log lines.</summary>
internal static class DropReasons
{
    public static readonly DropReason[] All = Enum.GetValues<DropReason>();

    /// <summary>The label of the reason with that number.</summary>
    public static string LabelOf(int number) => All[number].Label();

    public static string Label(this DropReason reason) => reason switch
    {
        DropReason.QueueFullOldest => "queue_full_oldest",
        DropReason.QueueFullNewest => "queue_full_newest",
        DropReason.Shutdown => "shutdown",
        DropReason.SpoolCorrupt => "spool_corrupt",
        DropReason.OutputRemoved => "output_removed",
        DropReason.OutOfMemory => "out_of_memory",
        _ => "refused",
    };
}
