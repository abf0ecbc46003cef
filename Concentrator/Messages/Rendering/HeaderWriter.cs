using Concentrator.Bytes;

namespace Concentrator.Messages;

/// <summary>
/// Writes <c>&lt;PRI&gt;1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID </c>, blank at the end included: the header that
/// every RFC 5424 output shares. It is valid whatever the fields hold: they are cut at their limits, bytes that would
/// end a field become <c>_</c>, and an empty field is a NILVALUE. Bytes from 128 on stay as they are.
/// </summary>
internal static class HeaderWriter
{
    public static int Measure(in SyslogMessage message, in Reception reception, ReadOnlySpan<byte> msgId) =>
        "<>1 "u8.Length + Digits.CountDecimal(message.Pri)
        + Rfc3339.Length + 1
        + MeasureField(ShownHost.Of(message, reception), HeaderLimits.HostName) + 1
        + MeasureField(message.AppName, HeaderLimits.AppName) + 1
        + MeasureField(message.ProcId, HeaderLimits.ProcId) + 1
        + MeasureField(msgId, HeaderLimits.MsgId) + 1;

    public static void Write(
        ref SpanWriter writer, TimestampSource source, in SyslogMessage message, in Reception reception, ReadOnlySpan<byte> msgId)
    {
        writer.Add((byte)'<');
        writer.AddDecimal(message.Pri);
        writer.Add(">1 "u8);
        Stamp.WriteRfc3339(source, message, reception, writer.Take(Rfc3339.Length));
        writer.Add((byte)' ');
        WriteField(ref writer, ShownHost.Of(message, reception), HeaderLimits.HostName);
        WriteField(ref writer, message.AppName, HeaderLimits.AppName);
        WriteField(ref writer, message.ProcId, HeaderLimits.ProcId);
        WriteField(ref writer, msgId, HeaderLimits.MsgId);
    }

    private static int MeasureField(ReadOnlySpan<byte> field, int limit) => field.IsEmpty ? 1 : Math.Min(field.Length, limit);

    private static void WriteField(ref SpanWriter writer, scoped ReadOnlySpan<byte> field, int limit)
    {
        if (field.IsEmpty)
        {
            writer.Add("- "u8);
            return;
        }
        Span<byte> word = writer.Take(Math.Min(field.Length, limit));
        field[..word.Length].CopyTo(word);
        ControlBytes.ReplaceIn(word);
        writer.Add((byte)' ');
    }
}
