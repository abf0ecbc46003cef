using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>The bytes as received, without LF, CR and NUL at their end. Nothing is rendered for a message of no other bytes.</summary>
internal sealed class RawFrame : FrameRenderer
{
    protected override int MeasureBody(in SyslogMessage message, in Reception reception) => MessageText.TrimEnd(message.Frame).Length;

    protected override void WriteBody(ref SpanWriter writer, in SyslogMessage message, in Reception reception) =>
        writer.Add(MessageText.TrimEnd(message.Frame));
}
