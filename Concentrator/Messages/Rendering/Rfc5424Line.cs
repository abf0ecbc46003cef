using Concentrator.Bytes;

namespace Concentrator.Messages;

/// <summary>The whole RFC 5424 message on one line; only its structured data and its text need escaping, the header is clean.</summary>
internal sealed class Rfc5424Line(TimestampSource source) : LineRenderer
{
    protected override int MeasureContent(in SyslogMessage message, in Reception reception) =>
        HeaderWriter.Measure(message, reception, message.MsgId)
        + Math.Max(1, ControlBytes.MeasureEscaped(message.StructuredData)) + 1
        + ControlBytes.MeasureEscaped(MessageText.Trim(message.Text));

    protected override void WriteContent(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        HeaderWriter.Write(ref writer, source, message, reception, message.MsgId);
        ControlBytes.AddEscaped(ref writer, message.StructuredData.IsEmpty ? "-"u8 : message.StructuredData);
        writer.Add((byte)' ');
        ControlBytes.AddEscaped(ref writer, MessageText.Trim(message.Text));
    }
}
