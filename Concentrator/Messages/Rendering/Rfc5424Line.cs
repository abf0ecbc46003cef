using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>The whole RFC 5424 message on one line. Only its structured data and text need escaping: the header is clean.</summary>
internal sealed class Rfc5424Line(TimestampSource source) : LineRenderer
{
    protected override int MeasureContent(in SyslogMessage message, in Reception reception) =>
        HeaderWriter.Measure(message, reception) + HeaderWriter.MeasureMsgId(message)
        + Math.Max(1, ControlBytes.MeasureEscaped(message.StructuredData, message.IsPlain)) + 1
        + ControlBytes.MeasureEscaped(MessageText.Trim(message.Text), message.IsPlain);

    protected override void WriteContent(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        HeaderWriter.Write(ref writer, source, message, reception);
        HeaderWriter.WriteMsgId(ref writer, message);
        ControlBytes.AddEscaped(ref writer, message.StructuredData.IsEmpty ? "-"u8 : message.StructuredData, message.IsPlain);
        writer.Add((byte)' ');
        ControlBytes.AddEscaped(ref writer, MessageText.Trim(message.Text), message.IsPlain);
    }
}
