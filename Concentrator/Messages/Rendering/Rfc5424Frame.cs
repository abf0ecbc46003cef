using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>The message rendered as RFC 5424, its own structured data as received except for escaping.</summary>
internal sealed class Rfc5424Frame(TimestampSource source, ControlCharacters controlCharacters = ControlCharacters.Keep) : FrameRenderer
{
    private readonly bool _keepsControls = controlCharacters == ControlCharacters.Keep;

    protected override int MeasureBody(in SyslogMessage message, in Reception reception)
    {
        bool isPlain = message.IsPlain || _keepsControls;
        return HeaderWriter.Measure(message, reception) + HeaderWriter.MeasureMsgId(message)
            + Math.Max(1, ControlBytes.MeasureEscaped(message.StructuredData, isPlain)) + 1
            + ControlBytes.MeasureEscaped(MessageText.Trim(message.Text), isPlain);
    }

    protected override void WriteBody(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        bool isPlain = message.IsPlain || _keepsControls;
        HeaderWriter.Write(ref writer, source, message, reception);
        HeaderWriter.WriteMsgId(ref writer, message);
        ControlBytes.AddEscaped(ref writer, message.StructuredData.IsEmpty ? "-"u8 : message.StructuredData, isPlain);
        writer.Add((byte)' ');
        ControlBytes.AddEscaped(ref writer, MessageText.Trim(message.Text), isPlain);
    }
}
