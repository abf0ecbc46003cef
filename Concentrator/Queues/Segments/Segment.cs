using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>A segment file of a <see cref="SegmentLog"/>. The gate of the <see cref="SegmentList"/> guards all mutable members.</summary>
internal sealed class Segment(long number, ulong tag, long firstSequence, long size)
{
    public long Number { get; } = number;

    public ulong Tag { get; } = tag;

    /// <summary>Lower bound of the sequences in this segment; those up to the next segment's first belong to it.</summary>
    public long FirstSequence { get; } = firstSequence;

    /// <summary>Bytes on disk that it takes or may grow to.</summary>
    public long Size { get; } = size;

    public string Name { get; } = SegmentName.Of(number, tag);

    /// <summary>The open file; null while it is closed.</summary>
    public ISpoolFile? File { get; set; }

    /// <summary>Operations now using <see cref="File"/>; until they end, it is neither closed nor reused for another segment.</summary>
    public int Users { get; set; }

    /// <summary>Whether the segment is no longer part of the log.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Whether it was written to since it was last flushed.</summary>
    public bool IsUnsynced { get; set; }
}
