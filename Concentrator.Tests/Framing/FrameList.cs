using System.Buffers;
using System.Text;
using Concentrator.Messages;

namespace Concentrator.Tests.FrameScanning;

/// <summary>
/// Every frame of a stream, as text with one character a byte; a cut frame ends with <c>…</c>, a lost stream with
/// <c>!</c>.
/// </summary>
internal static class FrameList
{
    /// <summary>Feeds the stream in the given chunks and checks on the way what a caller relies on.</summary>
    public static List<string> Of(Framing framing, int maxMessageSize, IEnumerable<byte[]> chunks, int pieceSize = int.MaxValue)
    {
        FrameScanner scanner = new(framing, maxMessageSize);
        List<string> frames = [];
        byte[] held = [];
        foreach (byte[] chunk in chunks)
        {
            held = [.. held, .. chunk];
            ReadOnlySequence<byte> buffer = pieceSize >= held.Length ? new(held) : Sequences.Pieces(held, pieceSize);
            FrameStatus status;
            while ((status = scanner.TryRead(ref buffer, out ReadOnlySequence<byte> frame, out bool truncated)) == FrameStatus.Frame)
                frames.Add(Show(frame, truncated, maxMessageSize));
            if (status == FrameStatus.Violation)
            {
                frames.Add("!");
                return frames;
            }
            byte[] left = buffer.ToArray();
            if (!held.AsSpan().EndsWith(left))
                throw new InvalidOperationException("What is left is not the end of what was given.");
            if (left.Length > maxMessageSize + 9)
                throw new InvalidOperationException($"{left.Length} bytes must be held for frames of {maxMessageSize}.");
            held = left;
        }
        ReadOnlySequence<byte> rest = new(held);
        if (scanner.TryFinish(ref rest, out ReadOnlySequence<byte> last, out bool isCut))
            frames.Add(Show(last, isCut, maxMessageSize));
        if (!rest.IsEmpty)
            throw new InvalidOperationException("Bytes are left after the end.");
        return frames;
    }

    private static string Show(in ReadOnlySequence<byte> frame, bool truncated, int maxMessageSize)
    {
        if (frame.IsEmpty || frame.Length > maxMessageSize)
            throw new InvalidOperationException($"A frame of {frame.Length} bytes.");
        return Encoding.Latin1.GetString(frame.ToArray()) + (truncated ? "…" : "");
    }
}
