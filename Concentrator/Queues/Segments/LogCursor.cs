namespace Concentrator.Queues.Segments;

/// <summary>
/// A place in a <see cref="SegmentLog"/>, made by <see cref="SegmentLog.CursorAt"/> and moved by
/// <see cref="SegmentLog.TryRead"/>. It stays usable whatever happens to the log: where its segment is gone, reading goes on
/// with what is there.
/// </summary>
internal struct LogCursor
{
    /// <summary>The message that is read next: blocks wholly below it are passed over.</summary>
    public long Sequence { readonly get; internal set; }

    /// <summary>Number of the segment that the other fields speak of; 0 = not looked for yet.</summary>
    internal long Segment;

    /// <summary>Where the next header is expected.</summary>
    internal long Offset;

    /// <summary>The sequence that is expected there.</summary>
    internal long Expected;

    /// <summary>Reads that failed here, in a row.</summary>
    internal int Failures;
}
