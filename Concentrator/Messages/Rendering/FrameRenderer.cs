using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// Base of all relay formats: <c>MSG-LEN SP MSG</c> (RFC 5425 section 4.3). An empty message results in no frame,
/// because MSG-LEN 0 is not allowed and makes rsyslog close the connection.
/// </summary>
internal abstract class FrameRenderer : Renderer
{
    public sealed override int Measure(in SyslogMessage message, in Reception reception)
    {
        int length = MeasureBody(message, reception);
        return length == 0 ? 0 : Digits.CountDecimal(length) + 1 + length;
    }

    public sealed override int Write(in SyslogMessage message, in Reception reception, Span<byte> destination)
    {
        int length = MeasureBody(message, reception);
        if (length == 0)
            return 0;
        SpanWriter writer = new(destination);
        writer.AddDecimal(length);
        writer.Add((byte)' ');
        WriteBody(ref writer, message, reception);
        return writer.Length;
    }

    /// <summary>The exact number of bytes that <see cref="WriteBody"/> writes.</summary>
    protected abstract int MeasureBody(in SyslogMessage message, in Reception reception);

    protected abstract void WriteBody(ref SpanWriter writer, in SyslogMessage message, in Reception reception);
}
