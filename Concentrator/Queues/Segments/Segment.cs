using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>A segment file of a <see cref="SegmentLog"/>, whose gate guards all that changes here.</summary>
internal sealed class Segment(long number, ulong tag, long firstSequence, long size)
{
    public long Number { get; } = number;

    public ulong Tag { get; } = tag;

    /// <summary>No message in it has a smaller sequence; those from here to the next segment's first belong here.</summary>
    public long FirstSequence { get; } = firstSequence;

    /// <summary>Bytes of disk that it has or may grow to.</summary>
    public long Size { get; } = size;

    public string Name { get; } = SegmentName.Of(number, tag);

    /// <summary>Null while nobody has it open.</summary>
    public ISpoolFile? File { get; set; }

    /// <summary>Operations that use <see cref="File"/> now: it is neither closed nor used for another segment meanwhile.</summary>
    public int Users { get; set; }

    /// <summary>No longer part of the log.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Written to since it was last flushed.</summary>
    public bool IsUnsynced { get; set; }
}
