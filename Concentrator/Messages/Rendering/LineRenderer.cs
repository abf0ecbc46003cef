using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// Base of all file formats: one line a message, ended by the only LF in it. Everything that a sender wrote is
/// escaped (<see cref="ControlBytes.AddEscaped"/>), including header fields, so that no sender can forge a line.
/// </summary>
internal abstract class LineRenderer : Renderer
{
    public sealed override int Measure(in SyslogMessage message, in Reception reception) => MeasureContent(message, reception) + 1;

    public sealed override int Write(in SyslogMessage message, in Reception reception, Span<byte> destination)
    {
        SpanWriter writer = new(destination);
        WriteContent(ref writer, message, reception);
        writer.Add((byte)'\n');
        return writer.Length;
    }

    /// <summary>The exact number of bytes that <see cref="WriteContent"/> writes.</summary>
    protected abstract int MeasureContent(in SyslogMessage message, in Reception reception);

    /// <summary>Writes the line without its LF.</summary>
    protected abstract void WriteContent(ref SpanWriter writer, in SyslogMessage message, in Reception reception);
}
