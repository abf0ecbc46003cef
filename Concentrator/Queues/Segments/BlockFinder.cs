using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// Finds block headers in a segment: where one is expected, or, after damage, at the next place where one is intact. Allocates
/// nothing after construction. One thread at a time.
/// </summary>
internal sealed class BlockFinder
{
    /// <summary>Bytes looked at in one go while searching. A multiple of <see cref="UnreadablePiece"/>.</summary>
    private const int WindowSize = 64 * 1024;

    /// <summary>What is passed over at a place that cannot be read: disks fail in sectors of this size or less.</summary>
    private const int UnreadablePiece = 4096;

    private readonly byte[] _window = GC.AllocateUninitializedArray<byte>(WindowSize, pinned: true);

    /// <summary>Places that could not be read are damage and passed over; else they throw. Set by the user before each use.</summary>
    public bool PassUnreadable { get; set; }

    /// <summary>Something could not be read since this was last set to false.</summary>
    public bool MetUnreadable { get; set; }

    /// <summary>
    /// The first intact header at <paramref name="from"/> or behind it that belongs to the segment: it has the segment's tag, its
    /// messages lie in [<paramref name="least"/>, <paramref name="most"/>), and its payload ends at <paramref name="end"/> or
    /// before. The payload itself has not been looked at.
    /// </summary>
    /// <exception cref="IOException">Reading failed, and <see cref="PassUnreadable"/> is false.</exception>
    public bool TryFind(ISpoolFile file, ulong tag, long from, long end, long least, long most, out long at, out BlockHeader header)
    {
        at = from;
        Span<byte> expected = _window.AsSpan(0, BlockHeader.Size);
        if (Read(file, expected, from) == expected.Length && BlockHeader.TryRead(expected, out header) && Fits(header, from)) return true;

        for (long start = from; start + BlockHeader.Size <= end;)
        {
            int count = ReadWindow(file, start, end);
            ReadOnlySpan<byte> window = _window.AsSpan(0, Math.Max(count, 0));
            int searched = 0;
            while (true)
            {
                int next = window[searched..].IndexOf(BlockHeader.Magic);
                if (next < 0 || searched + next + BlockHeader.Size > window.Length) break;
                searched += next;
                at = start + searched;
                if (BlockHeader.TryRead(window[searched..], out header) && Fits(header, at)) return true;
                searched++;
            }
            // The last bytes may be the first ones of a header that goes on in the next window.
            start += count < 0 ? -count : Math.Max(1, count - (BlockHeader.Size - 1));
        }
        header = default;
        at = end;
        return false;

        bool Fits(in BlockHeader header, long at) =>
            header.Tag == tag && header.FirstSequence >= least && header.EndSequence <= most && at + header.TotalLength <= end;
    }

    /// <summary>Reads up to the whole span; fewer bytes at the end of the file, none where it cannot be read.</summary>
    public int Read(ISpoolFile file, Span<byte> bytes, long offset)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return file.ReadUpTo(bytes, offset);
            }
            catch (IOException) when (PassUnreadable)
            {
                // Not every error is for ever, and what is passed over is lost.
                if (attempt < SpoolFileIO.Attempts) continue;
                MetUnreadable = true;
                return 0;
            }
        }
    }

    /// <summary>Returns the bytes that are now in the window; if negative, how many bytes to pass over instead.</summary>
    private int ReadWindow(ISpoolFile file, long start, long end)
    {
        int wanted = (int)Math.Min(WindowSize, end - start);
        bool unreadableBefore = MetUnreadable;
        MetUnreadable = false;
        int count = Read(file, _window.AsSpan(0, wanted), start);
        if (MetUnreadable)
        {
            // Somewhere in the window is a bad place: what lies before the next boundary may still be read. A header that
            // crosses the boundary needs the piece behind it as well.
            int piece = (int)(UnreadablePiece - (start % UnreadablePiece));
            int readable = Read(file, _window.AsSpan(0, Math.Min(wanted, piece < BlockHeader.Size ? piece + UnreadablePiece : piece)), start);
            return readable >= BlockHeader.Size ? readable : -Math.Min(wanted, piece);
        }
        MetUnreadable |= unreadableBefore;
        return count > 0 ? count : -wanted;
    }
}
