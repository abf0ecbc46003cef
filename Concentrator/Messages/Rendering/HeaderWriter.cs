using Concentrator.Bytes;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// Writes <c>&lt;PRI&gt;1 TIMESTAMP HOSTNAME APP-NAME PROCID </c>, including the blank at the end, and on request the message's own MSGID:
/// the header shared by all RFC 5424 outputs. It is valid whatever the fields contain: they are cut at their limits, bytes that would
/// end a field become <c>_</c>, and an empty field is a NILVALUE. Bytes from 128 on are unchanged.
/// </summary>
internal static class HeaderWriter
{
    public static int Measure(in SyslogMessage message, in Reception reception) =>
        "<>1 "u8.Length + Digits.CountDecimal(message.Pri)
        + Rfc3339.Length + 1
        + MeasureField(ShownHost.Of(message, reception), HeaderLimits.HostName) + 1
        + MeasureField(message.AppName, HeaderLimits.AppName) + 1
        + MeasureField(message.ProcId, HeaderLimits.ProcId) + 1;

    /// <summary>The length of the MSGID and the blank after it.</summary>
    public static int MeasureMsgId(in SyslogMessage message) => MeasureField(message.MsgId, HeaderLimits.MsgId) + 1;

    public static void WriteMsgId(ref SpanWriter writer, in SyslogMessage message) =>
        WriteField(ref writer, message.MsgId, HeaderLimits.MsgId, message.IsPlain);

    public static void Write(ref SpanWriter writer, TimestampSource source, in SyslogMessage message, in Reception reception)
    {
        writer.Add((byte)'<');
        writer.AddDecimal(message.Pri);
        writer.Add(">1 "u8);
        Stamp.WriteRfc3339(source, message, reception, writer.Take(Rfc3339.Length));
        writer.Add((byte)' ');
        WriteField(ref writer, ShownHost.Of(message, reception), HeaderLimits.HostName, message.IsPlain);
        WriteField(ref writer, message.AppName, HeaderLimits.AppName, message.IsPlain);
        WriteField(ref writer, message.ProcId, HeaderLimits.ProcId, message.IsPlain);
    }

    private static int MeasureField(ReadOnlySpan<byte> field, int limit) => field.IsEmpty ? 1 : Math.Min(field.Length, limit);

    private static void WriteField(ref SpanWriter writer, scoped ReadOnlySpan<byte> field, int limit, bool isPlain)
    {
        if (field.IsEmpty)
        {
            writer.Add("- "u8);
            return;
        }
        Span<byte> word = writer.Take(Math.Min(field.Length, limit));
        field[..word.Length].CopyTo(word);
        if (!isPlain) ControlBytes.ReplaceIn(word);
        writer.Add((byte)' ');
    }
}
