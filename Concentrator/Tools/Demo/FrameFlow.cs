using System.Buffers;
using System.IO.Pipelines;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tools.Demo;

/// <summary>Reads a stream to its end, frame by frame: the intake's connections, and the lines of the file.</summary>
internal static class FrameFlow
{
    private const int LongestFrame = 1 << 20;

    public delegate void Receiver(ReadOnlySpan<byte> frame);

    /// <summary>
    /// Returns false when the framing is invalid or a frame is longer than anything the demo sends. A stream that ends within a frame is no
    /// error, because the frame is sent again on the next connection.
    /// </summary>
    public static async Task<bool> ReadAsync(Stream stream, Framing framing, Receiver receiver)
    {
        PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        FrameScanner scanner = new(framing, LongestFrame);
        while (true)
        {
            ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            FrameStatus status;
            while ((status = scanner.TryRead(ref buffer, out ReadOnlySequence<byte> frame, out FrameParts parts)) == FrameStatus.Frame)
            {
                if (parts != FrameParts.Whole) return false;
                receiver(frame.IsSingleSegment ? frame.FirstSpan : frame.ToArray());
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (status == FrameStatus.Violation) return false;
            if (!result.IsCompleted) continue;
            await reader.CompleteAsync().ConfigureAwait(false);
            return true;
        }
    }
}
