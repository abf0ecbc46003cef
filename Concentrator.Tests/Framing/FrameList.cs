using System.Buffers;
using System.Text;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tests.FrameScanning;

/// <summary>
/// Every frame of a stream, as text with one character a byte; a cut frame ends with <c>…</c>, what goes on from it begins so, and a
/// lost stream ends with <c>!</c>.
/// </summary>
internal static class FrameList
{
    /// <summary>
    /// Feeds the stream in the given chunks, between which the sender pauses if said so, and checks on the way what a caller relies on.
    /// </summary>
    public static List<string> Of(
        Framing framing, int maxMessageSize, IEnumerable<byte[]> chunks, int pieceSize = int.MaxValue, bool pauses = false)
    {
        FrameScanner scanner = new(framing, maxMessageSize);
        List<string> frames = [];
        byte[] held = [];
        foreach (byte[] chunk in chunks)
        {
            held = [.. held, .. chunk];
            ReadOnlySequence<byte> buffer = pieceSize >= held.Length ? new(held) : Sequences.Pieces(held, pieceSize);
            FrameStatus status;
            while ((status = scanner.TryRead(ref buffer, out ReadOnlySequence<byte> frame, out FrameParts parts)) == FrameStatus.Frame || (pauses && scanner.IsHolding))
            {
                if (status == FrameStatus.Frame) frames.Add(Show(frame, parts, maxMessageSize));
                else scanner.Pause();
            }
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
        while (scanner.TryFinish(ref rest, out ReadOnlySequence<byte> last, out FrameParts parts))
            frames.Add(Show(last, parts, maxMessageSize));
        if (!rest.IsEmpty)
            throw new InvalidOperationException("Bytes are left after the end.");
        return frames;
    }

    private static string Show(in ReadOnlySequence<byte> frame, FrameParts parts, int maxMessageSize)
    {
        if (frame.IsEmpty || frame.Length > maxMessageSize)
            throw new InvalidOperationException($"A frame of {frame.Length} bytes.");
        string text = Encoding.Latin1.GetString(frame.ToArray());
        return (parts.HasFlag(FrameParts.Continued) ? "…" : "") + text + (parts.HasFlag(FrameParts.Cut) ? "…" : "");
    }
}
