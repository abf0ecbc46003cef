using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// <c>TIMESTAMP HOST TAG[PID]: MSG</c>, as in rsyslog's file formats; a message without program and process id has
/// no tag. The colon also follows the tag of an RFC 5424 message, where rsyslog leaves it out, so that a
/// program's lines look the same whatever header it sent.
/// </summary>
internal abstract class TaggedLine(int stampLength) : LineRenderer
{
    protected abstract void WriteStamp(in SyslogMessage message, in Reception reception, Span<byte> destination);

    protected sealed override int MeasureContent(in SyslogMessage message, in Reception reception)
    {
        int length = stampLength + 1 + ControlBytes.MeasureEscaped(OrNil(ShownHost.Of(message, reception)), message.IsPlain) + 1;
        if (HasTag(message))
        {
            length += ControlBytes.MeasureEscaped(OrNil(message.AppName), message.IsPlain) + ": "u8.Length;
            if (!message.ProcId.IsEmpty)
                length += ControlBytes.MeasureEscaped(message.ProcId, message.IsPlain) + "[]"u8.Length;
        }
        return length + ControlBytes.MeasureEscaped(MessageText.Trim(message.Text), message.IsPlain);
    }

    protected sealed override void WriteContent(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        WriteStamp(message, reception, writer.Take(stampLength));
        writer.Add((byte)' ');
        ControlBytes.AddEscaped(ref writer, OrNil(ShownHost.Of(message, reception)), message.IsPlain);
        writer.Add((byte)' ');
        if (HasTag(message))
        {
            ControlBytes.AddEscaped(ref writer, OrNil(message.AppName), message.IsPlain);
            if (!message.ProcId.IsEmpty)
            {
                writer.Add((byte)'[');
                ControlBytes.AddEscaped(ref writer, message.ProcId, message.IsPlain);
                writer.Add((byte)']');
            }
            writer.Add(": "u8);
        }
        ControlBytes.AddEscaped(ref writer, MessageText.Trim(message.Text), message.IsPlain);
    }

    private static bool HasTag(in SyslogMessage message) => !message.AppName.IsEmpty || !message.ProcId.IsEmpty;

    private static ReadOnlySpan<byte> OrNil(ReadOnlySpan<byte> field) => field.IsEmpty ? "-"u8 : field;
}
