using Concentrator.Bytes;

namespace Concentrator.Messages;

/// <summary>The message rendered again as RFC 5424, its own structured data kept as it was sent.</summary>
internal sealed class Rfc5424Frame(TimestampSource source) : FrameRenderer
{
    protected override int MeasureBody(in SyslogMessage message, in Reception reception) =>
        HeaderWriter.Measure(message, reception) + HeaderWriter.MeasureMsgId(message)
        + Math.Max(1, message.StructuredData.Length) + 1
        + MessageText.Trim(message.Text).Length;

    protected override void WriteBody(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        HeaderWriter.Write(ref writer, source, message, reception);
        HeaderWriter.WriteMsgId(ref writer, message);
        writer.Add(message.StructuredData.IsEmpty ? "-"u8 : message.StructuredData);
        writer.Add((byte)' ');
        writer.Add(MessageText.Trim(message.Text));
    }
}
