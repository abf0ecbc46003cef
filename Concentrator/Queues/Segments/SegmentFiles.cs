using System.Globalization;
using System.Security.Cryptography;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// The file operations of a <see cref="SegmentLog"/>: begin, use and give up segments. One delivered segment at a time is kept
/// as the spare that the next segment is made of: its space is already allocated and written, so that flushing
/// a block to it flushes no metadata. The log's gate guards every member with "Unsynchronized" in its name.
/// </summary>
internal sealed class SegmentFiles(ISpoolDirectory directory, Lock gate, SegmentLogOptions options, bool hasSpare)
{
    private static readonly byte[] EndMark = new byte[BlockHeader.Size];

    private readonly long _segmentSize = options.SegmentSize;
    private bool _hasSpare = hasSpare;

    /// <summary>Bytes of the spare; 0 without one.</summary>
    public long SpareBytesUnsynchronized => _hasSpare ? _segmentSize : 0;

    /// <summary>
    /// Begins a segment with room for a block of <paramref name="total"/> bytes; its header is written, and it is open and not yet in
    /// any list. On failure nothing is left behind.
    /// </summary>
    /// <exception cref="IOException">There is no room, or the disk fails.</exception>
    public Segment Begin(long number, long firstSequence, long total)
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        Segment segment = new(number, BitConverter.ToUInt64(random), firstSequence, Math.Max(_segmentSize, SegmentHeader.Size + total));
        bool reuse;
        lock (gate)
        {
            reuse = _hasSpare && segment.Size == _segmentSize;
        }
        if (!reuse) LeaveReserve(segment.Size);
        try
        {
            if (reuse) TakeSpare(segment.Name);
            segment.File = directory.Open(segment.Name, createNew: !reuse, reuse ? 0 : segment.Size);
            Span<byte> start = stackalloc byte[SegmentHeader.Size + BlockHeader.Size];
            start.Clear();
            new SegmentHeader(number, segment.Tag, firstSequence).Write(start);
            segment.File.WriteAll(start, 0);
            segment.IsUnsynced = true;
            return segment;
        }
        catch (IOException)
        {
            segment.File?.Dispose();
            TryDelete(segment.Name);
            throw;
        }
    }

    /// <summary>Writes one block at its offset, followed by a clean end mark.</summary>
    public static void Write(
        ISpoolFile file, long size, long offset, Span<byte> staging, ReadOnlySpan<byte> payload, in BlockHeader header)
    {
        long behind = offset + header.TotalLength;
        int mark = (int)Math.Min(BlockHeader.Size, size - behind);
        header.Write(staging);
        if (header.TotalLength + mark <= staging.Length)
        {
            // One write, so that a block is complete or absent even if the process dies at any instruction.
            payload.CopyTo(staging[BlockHeader.Size..]);
            staging.Slice((int)header.TotalLength, mark).Clear();
            file.WriteAll(staging[..((int)header.TotalLength + mark)], offset);
            return;
        }
        file.WriteAll(EndMark.AsSpan(0, mark), behind);
        file.WriteAll(payload, offset + BlockHeader.Size);
        file.WriteAll(staging[..BlockHeader.Size], offset);
    }

    /// <summary>Returns the segment's file, opened if necessary. The caller has counted itself as a user, under the gate.</summary>
    public ISpoolFile Use(Segment segment)
    {
        if (segment.File is { } open) return open;
        ISpoolFile opened = directory.Open(segment.Name, createNew: false, allocate: 0);
        lock (gate)
        {
            if (segment.File is null)
            {
                segment.File = opened;
                return opened;
            }
        }
        opened.Dispose();
        return segment.File;
    }

    /// <summary>Ends a use; closes the file if it is no longer needed.</summary>
    public void Leave(Segment segment, bool close)
    {
        ISpoolFile? closed = null;
        lock (gate)
        {
            if (--segment.Users == 0 && (close || segment.IsRemoved)) (closed, segment.File) = (segment.File, null);
        }
        closed?.Dispose();
    }

    /// <summary>Closes the file if it is not in use.</summary>
    public void Close(Segment segment)
    {
        ISpoolFile? closed = null;
        lock (gate)
        {
            if (segment.Users == 0) (closed, segment.File) = (segment.File, null);
        }
        closed?.Dispose();
    }

    /// <summary>
    /// Deletes a segment that has left the list, or keeps it as the spare. One thread at a time. If a file cannot be
    /// deleted, the next start finds and removes it.
    /// </summary>
    public void GiveUp(Segment segment, bool mayBeSpare)
    {
        ISpoolFile? closed = null;
        bool keep;
        lock (gate)
        {
            segment.IsRemoved = true;
            if (segment.Users == 0) (closed, segment.File) = (segment.File, null);
            keep = mayBeSpare && segment.Users == 0 && segment.Size == _segmentSize && !_hasSpare;
        }
        closed?.Dispose();
        if (keep && TryKeep(segment.Name)) return;
        TryDelete(segment.Name);
    }

    private void LeaveReserve(long size)
    {
        if (options.Reserve == 0) return;
        long free = directory.FreeBytes;
        if (free - size >= options.Reserve) return;
        throw new IOException(string.Create(
            CultureInfo.InvariantCulture, $"its file system has {free:N0} bytes free, of which {options.Reserve:N0} are reserved for other programs"));
    }

    private void TakeSpare(string name)
    {
        try
        {
            directory.Rename(SegmentName.Spare, name);
        }
        finally
        {
            // Only now: until the name is free, no other segment may become the spare.
            lock (gate) _hasSpare = false;
        }
    }

    private bool TryKeep(string name)
    {
        try
        {
            directory.Rename(name, SegmentName.Spare);
        }
        catch (IOException)
        {
            return false;
        }
        lock (gate) _hasSpare = true;
        return true;
    }

    private void TryDelete(string name)
    {
        try
        {
            directory.Delete(name);
        }
        catch (IOException)
        {
            // The next start removes it.
        }
    }
}
