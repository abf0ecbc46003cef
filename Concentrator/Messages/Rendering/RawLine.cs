using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>The bytes as received, without trailing LF, CR and NUL, escaped like every line.</summary>
internal sealed class RawLine : LineRenderer
{
    protected override int MeasureContent(in SyslogMessage message, in Reception reception) =>
        ControlBytes.MeasureEscaped(MessageText.TrimEnd(message.Frame), message.IsPlain);

    protected override void WriteContent(ref SpanWriter writer, in SyslogMessage message, in Reception reception) =>
        ControlBytes.AddEscaped(ref writer, MessageText.TrimEnd(message.Frame), message.IsPlain);
}
