using System.Globalization;
using System.Text;

namespace Concentrator.Queues.Segments;

/// <summary>
/// What opening a log found. Opening reads the headers of all segments and the whole of the last one, where a crash
/// leaves its traces; damage elsewhere is found, skipped and counted when it is read.
/// </summary>
/// <param name="Messages">Held and not yet delivered.</param>
/// <param name="Segments">Files that hold messages or are being filled.</param>
/// <param name="TornBytes">Bytes cut off the end: a block whose write was interrupted by a crash.</param>
/// <param name="CorruptBlocks">Damaged places in the last segment that were skipped.</param>
/// <param name="LostMessages">Known to be gone: skipped with damage, in a missing segment, or recorded by the checkpoint alone.</param>
internal sealed record RecoveryReport(long Messages, int Segments, long TornBytes, int CorruptBlocks, long LostMessages)
{
    /// <summary>
    /// Messages of the cut blocks, as far as their headers are intact. After the death of the process, none of them had been reported
    /// as appended; after a loss of power they may have been, under any durability but <c>power</c>.
    /// </summary>
    public long TornMessages { get; init; }

    /// <summary>There are segments but no intact checkpoint: everything held is delivered, some of it again.</summary>
    public bool CheckpointMissing { get; init; }

    /// <summary>Files with a segment's name that do not fit into the order, or cannot be read. They are not touched.</summary>
    public int IgnoredSegments { get; init; }

    /// <summary>A part of the last segment could not be read; its contents are unknown.</summary>
    public bool MetUnreadable { get; init; }

    /// <summary>Whether nothing was damaged.</summary>
    public bool IsClean => this is { TornBytes: 0, CorruptBlocks: 0, LostMessages: 0, IgnoredSegments: 0 } && !CheckpointMissing && !MetUnreadable;

    /// <summary>One line for the log.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Messages} undelivered messages in {Segments} segments");
        if (TornBytes > 0) text.Append(CultureInfo.InvariantCulture, $"; an incomplete write of {TornBytes} bytes was truncated");
        if (TornMessages > 0) text.Append(CultureInfo.InvariantCulture, $" ({TornMessages} messages)");
        if (CorruptBlocks > 0) text.Append(CultureInfo.InvariantCulture, $"; {CorruptBlocks} damaged ranges were skipped");
        if (LostMessages > 0) text.Append(CultureInfo.InvariantCulture, $"; {LostMessages} messages are lost");
        if (CheckpointMissing) text.Append("; the checkpoint is missing or damaged, so messages already delivered may be sent again");
        if (IgnoredSegments > 0) text.Append(CultureInfo.InvariantCulture, $"; {IgnoredSegments} unusable segment files were ignored");
        if (MetUnreadable) text.Append("; part of the last segment cannot be read from disk");
        return text.ToString();
    }
}
