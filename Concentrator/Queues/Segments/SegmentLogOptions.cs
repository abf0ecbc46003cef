namespace Concentrator.Queues.Segments;

/// <summary>Layout of a <see cref="SegmentLog"/>.</summary>
internal sealed record SegmentLogOptions
{
    /// <summary>
    /// Size of a segment file in bytes, reserved when it is begun. Default 16 MB: small enough that dropping or releasing one is a
    /// small step, large enough that beginning one is rare (a spool of 5 GB has 320). A longer block gets a segment of its
    /// own size. Segments of other sizes that are already on disk are still read.
    /// </summary>
    public long SegmentSize { get; init; } = 16L * 1024 * 1024;

    /// <summary>Bytes of the file system left free for others: no segment is begun that would use them. Default none.</summary>
    public long Reserve { get; init; }
}
