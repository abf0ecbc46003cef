using Concentrator.Queues.DiskFormat;

namespace Concentrator.Queues.Segments;

/// <summary>
/// A position in a <see cref="SegmentLog"/>, created by <see cref="SegmentLog.CursorAt"/> and moved by
/// <see cref="SegmentLog.TryRead"/>. It stays valid when the log changes: if its segment is gone, reading continues
/// with what is held.
/// </summary>
internal struct SegmentLogCursor
{
    /// <summary>The message to read next: blocks wholly below it are skipped.</summary>
    public long Sequence { readonly get; internal set; }

    /// <summary>Number of the segment that the other fields refer to; 0 = not located yet.</summary>
    internal long Segment;

    /// <summary>Offset where the next header is expected.</summary>
    internal long Offset;

    /// <summary>Sequence expected at <see cref="Offset"/>.</summary>
    internal long Expected;

    /// <summary>Consecutive reads that failed here.</summary>
    internal int Failures;

    /// <summary>Moves to the beginning of a segment.</summary>
    internal void Enter(Segment segment)
    {
        Segment = segment.Number;
        Offset = SegmentHeader.Size;
        Expected = segment.FirstSequence;
        Failures = 0;
    }
}
