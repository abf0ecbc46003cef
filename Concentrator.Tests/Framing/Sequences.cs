using System.Buffers;

namespace Concentrator.Tests.FrameScanning;

/// <summary>Byte sequences in many pieces, as pipes hand them over.</summary>
internal static class Sequences
{
    /// <summary>The bytes in pieces of the given size; an empty piece stands at the front where asked for.</summary>
    public static ReadOnlySequence<byte> Pieces(ReadOnlyMemory<byte> bytes, int size, bool emptyFirst = false)
    {
        Segment first = new(emptyFirst ? ReadOnlyMemory<byte>.Empty : bytes[..Math.Min(size, bytes.Length)], 0);
        Segment last = first;
        for (int start = first.Memory.Length; start < bytes.Length; start += size)
            last = last.Append(bytes.Slice(start, Math.Min(size, bytes.Length - start)));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
