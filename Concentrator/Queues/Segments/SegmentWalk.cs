using Concentrator.Bytes;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>Contents of one segment, found by reading all of it.</summary>
/// <param name="FirstSequence">Sequence of the first sound block; 0 if there is none.</param>
/// <param name="EndSequence">Sequence after the last sound block; the expected first sequence if there is none.</param>
/// <param name="End">Offset after the last sound block.</param>
/// <param name="Blocks">Number of sound blocks.</param>
/// <param name="Messages">Messages in sound blocks.</param>
/// <param name="PayloadBytes">Payload bytes of sound blocks.</param>
/// <param name="CorruptBlocks">Damaged places that are followed by sound blocks.</param>
/// <param name="TornBytes">Bytes after the last sound block that look like an incomplete block.</param>
/// <param name="TornMessages">Number of messages in the intact headers among them.</param>
internal readonly record struct SegmentContent(
    long FirstSequence, long EndSequence, long End, int Blocks, long Messages, long PayloadBytes,
    int CorruptBlocks, long TornBytes, long TornMessages);

/// <summary>
/// Reads a whole segment and verifies every payload's checksum: recovery does this for the last segment, the command line for
/// all. Memory: two windows of 64 KB, whatever the size of the blocks. One thread at a time.
/// </summary>
internal sealed class SegmentWalk(BlockFinder finder)
{
    private readonly byte[] _piece = GC.AllocateUninitializedArray<byte>(64 * 1024);

    /// <summary>Called for each sound block, with the offset of its payload.</summary>
    public Action<BlockHeader, long>? OnBlock { get; init; }

    /// <summary>Called for each missing run of sequences, [from, to).</summary>
    public Action<long, long>? OnLost { get; init; }

    /// <param name="file">The segment.</param>
    /// <param name="tag">Tag of the segment.</param>
    /// <param name="first">The first expected sequence; 0 if unknown: the first block found then sets it.</param>
    /// <param name="most">Sequence after the last one that can be in the segment.</param>
    /// <exception cref="IOException">The length, or a place while unreadable places are not skipped, cannot be read.</exception>
    public SegmentContent Walk(ISpoolFile file, ulong tag, long first, long most)
    {
        long length = file.LengthPatiently();
        SegmentContent content = new() { EndSequence = Math.Max(first, Sequence.First), End = SegmentHeader.Size };
        int damaged = 0;
        long tornMessages = 0;
        long offset = SegmentHeader.Size;
        long from = offset;
        long expected = first;
        while (finder.TryFind(file, tag, from, length, expected, most, out long at, out BlockHeader header))
        {
            if (at != offset) damaged++;
            from = offset = at + header.TotalLength;
            if (!PayloadIsSound(file, header, at + BlockHeader.Size))
            {
                // Its header may be left from before a crash, with a sound block written over the rest of it.
                from = at + 1;
                damaged++;
                tornMessages += header.Messages;
                continue;
            }
            long before = content.Blocks == 0 && first == 0 ? header.FirstSequence : content.EndSequence;
            if (header.FirstSequence > before) OnLost?.Invoke(before, header.FirstSequence);
            OnBlock?.Invoke(header, at + BlockHeader.Size);
            content = content with
            {
                FirstSequence = content.Blocks == 0 ? header.FirstSequence : content.FirstSequence,
                EndSequence = header.EndSequence,
                End = offset,
                Blocks = content.Blocks + 1,
                Messages = content.Messages + header.Messages,
                PayloadBytes = content.PayloadBytes + header.PayloadLength,
                CorruptBlocks = content.CorruptBlocks + damaged,
            };
            expected = header.EndSequence;
            damaged = 0;
            tornMessages = 0;
        }
        long torn = tornMessages > 0 ? offset - content.End : 0;
        return content with { TornBytes = torn + MeasureTail(file, content.End + torn, length), TornMessages = tornMessages };
    }

    private bool PayloadIsSound(ISpoolFile file, in BlockHeader header, long offset)
    {
        uint crc = Crc32C.Start;
        for (int left = header.PayloadLength; left > 0;)
        {
            Span<byte> piece = _piece.AsSpan(0, Math.Min(left, _piece.Length));
            if (finder.Read(file, piece, offset) != piece.Length) return false;
            crc = Crc32C.Append(crc, piece);
            offset += piece.Length;
            left -= piece.Length;
        }
        return Crc32C.Finish(crc) == header.PayloadCrc;
    }

    /// <summary>
    /// Returns the length of data after the last block: 0 if a header's length of zeros follows, or nothing; otherwise the
    /// distance to the next such run of zeros.
    /// </summary>
    private long MeasureTail(ISpoolFile file, long from, long length)
    {
        long lastSet = from - 1;
        for (long offset = from; offset < length && offset - lastSet <= BlockHeader.Size;)
        {
            Span<byte> piece = _piece.AsSpan(0, (int)Math.Min(_piece.Length, length - offset));
            int count = finder.Read(file, piece, offset);
            if (count == 0) break;
            for (int i = 0; i < count && offset + i - lastSet <= BlockHeader.Size; i++)
            {
                if (piece[i] != 0) lastSet = offset + i;
            }
            offset += count;
        }
        return lastSet + 1 - from;
    }
}
