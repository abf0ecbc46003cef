using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// Finds block headers in a segment: at the expected place or, after damage, the next intact one. Allocates
/// nothing after construction. One thread at a time.
/// </summary>
internal sealed class BlockFinder
{
    /// <summary>Bytes read at once while searching. A multiple of <see cref="UnreadablePiece"/>.</summary>
    private const int WindowSize = 64 * 1024;

    /// <summary>Bytes skipped at an unreadable place: disks fail in sectors of this size or less.</summary>
    private const int UnreadablePiece = 4096;

    private readonly byte[] _window = GC.AllocateUninitializedArray<byte>(WindowSize, pinned: true);

    /// <summary>Whether unreadable places are skipped as damage; otherwise they throw. Callers set it before each use.</summary>
    public bool PassUnreadable { get; set; }

    /// <summary>Whether something could not be read since this was last set to false.</summary>
    public bool MetUnreadable { get; set; }

    /// <summary>
    /// Finds the first intact header at or after <paramref name="from"/> that belongs to the segment: it has the segment's tag, its
    /// messages are in [<paramref name="least"/>, <paramref name="most"/>), and its payload ends at or before
    /// <paramref name="end"/>. The payload itself is not checked.
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
            // The last bytes may begin a header that continues in the next window.
            start += count < 0 ? -count : Math.Max(1, count - (BlockHeader.Size - 1));
        }
        header = default;
        at = end;
        return false;

        bool Fits(in BlockHeader header, long at) =>
            header.Tag == tag && header.FirstSequence >= least && header.EndSequence <= most && at + header.TotalLength <= end;
    }

    /// <summary>Reads up to the whole span; fewer bytes at the end of the file, none at an unreadable place.</summary>
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
                // Some errors are transient, and what is skipped is lost.
                if (attempt < SpoolFileIO.Attempts) continue;
                MetUnreadable = true;
                return 0;
            }
        }
    }

    /// <summary>Returns the number of bytes now in the window; a negative number says how many bytes to skip instead.</summary>
    private int ReadWindow(ISpoolFile file, long start, long end)
    {
        int wanted = (int)Math.Min(WindowSize, end - start);
        bool unreadableBefore = MetUnreadable;
        MetUnreadable = false;
        int count = Read(file, _window.AsSpan(0, wanted), start);
        if (MetUnreadable)
        {
            // The window contains an unreadable place, but bytes before the next boundary may still be readable. A header that
            // crosses the boundary needs the next piece as well.
            int piece = (int)(UnreadablePiece - (start % UnreadablePiece));
            int readable = Read(file, _window.AsSpan(0, Math.Min(wanted, piece < BlockHeader.Size ? piece + UnreadablePiece : piece)), start);
            return readable >= BlockHeader.Size ? readable : -Math.Min(wanted, piece);
        }
        MetUnreadable |= unreadableBefore;
        return count > 0 ? count : -wanted;
    }
}
