using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>The bytes as received, without trailing LF, CR and NUL. A message of no other bytes is not rendered.</summary>
internal sealed class RawFrame : FrameRenderer
{
    protected override int MeasureBody(in SyslogMessage message, in Reception reception) => MessageText.TrimEnd(message.Frame).Length;

    protected override void WriteBody(ref SpanWriter writer, in SyslogMessage message, in Reception reception) =>
        writer.Add(MessageText.TrimEnd(message.Frame));
}
