using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>Only the text, without time, host and program, escaped like every line.</summary>
internal sealed class MessageLine : LineRenderer
{
    protected override int MeasureContent(in SyslogMessage message, in Reception reception) =>
        ControlBytes.MeasureEscaped(MessageText.Trim(message.Text), message.IsPlain);

    protected override void WriteContent(ref SpanWriter writer, in SyslogMessage message, in Reception reception) =>
        ControlBytes.AddEscaped(ref writer, MessageText.Trim(message.Text), message.IsPlain);
}
