namespace Concentrator.Queues.Segments;

/// <summary>How a <see cref="SegmentLog"/> is laid out.</summary>
internal sealed record SegmentLogOptions
{
    /// <summary>
    /// Bytes of a segment file, reserved when it is begun. Default 16 MB: small enough that dropping or releasing one is a
    /// small step, large enough that beginning one is rare (a spool of 5 GB has 320). A longer block gets a segment of its
    /// own size. Other sizes already on disk are read all the same.
    /// </summary>
    public long SegmentSize { get; init; } = 16L * 1024 * 1024;

    /// <summary>Bytes of the file system that are left to others: no segment is begun that would reach into them. Default none.</summary>
    public long Reserve { get; init; }
}
