using Concentrator.Bytes;
using Concentrator.Queues.Blocks;

namespace Concentrator.Queues.Segments;

/// <summary>
/// Writes octet-counted frames (RFC 6587 section 3.4.1) as lines: each message, with control bytes escaped as in the file output,
/// and LF. Bytes that are not octet-counted become one line as they are.
/// </summary>
internal sealed class FrameLines(Stream stream) : IDisposable
{
    private readonly BufferedStream _stream = new(stream, 64 * 1024);

    /// <param name="frames">Whole frames.</param>
    public void Write(ReadOnlySpan<byte> frames)
    {
        while (!frames.IsEmpty)
        {
            int length = BlockFrames.StepOverCount(ref frames);
            WriteLine(frames[..length]);
            frames = frames[length..];
        }
        _stream.Flush();
    }

    public void Dispose() => _stream.Flush();

    private void WriteLine(ReadOnlySpan<byte> message)
    {
        byte[] line = new byte[ControlBytes.MeasureEscaped(message) + 1];
        SpanWriter writer = new(line);
        ControlBytes.AddEscaped(ref writer, message);
        line[^1] = (byte)'\n';
        _stream.Write(line);
    }
}
