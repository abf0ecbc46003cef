using Concentrator.Bytes;

namespace Concentrator.Spool;

/// <summary>
/// Writes octet-counted frames (RFC 6587 section 3.4.1) as lines: the message of each, control bytes escaped as the file output
/// does it, and LF. What is not octet-counted is one line as it is.
/// </summary>
internal sealed class FrameLines(Stream stream) : IDisposable
{
    private const int MaxDigits = 9;

    private readonly BufferedStream _stream = new(stream, 64 * 1024);

    /// <param name="frames">Whole frames.</param>
    public void Write(ReadOnlySpan<byte> frames)
    {
        while (!frames.IsEmpty)
        {
            int length = MessageLength(frames, out int start);
            WriteLine(frames.Slice(start, length));
            frames = frames[(start + length)..];
        }
        _stream.Flush();
    }

    public void Dispose() => _stream.Flush();

    private static int MessageLength(ReadOnlySpan<byte> frames, out int start)
    {
        int length = 0;
        for (int i = 0; i < frames.Length && i <= MaxDigits; i++)
        {
            if (frames[i] == ' ' && i > 0 && length <= frames.Length - i - 1)
            {
                start = i + 1;
                return length;
            }
            if (!char.IsAsciiDigit((char)frames[i]) || i == MaxDigits) break;
            length = (length * 10) + (frames[i] - '0');
        }
        start = 0;
        return frames.Length;
    }

    private void WriteLine(ReadOnlySpan<byte> message)
    {
        byte[] line = new byte[ControlBytes.MeasureEscaped(message) + 1];
        SpanWriter writer = new(line);
        ControlBytes.AddEscaped(ref writer, message);
        line[^1] = (byte)'\n';
        _stream.Write(line);
    }
}
