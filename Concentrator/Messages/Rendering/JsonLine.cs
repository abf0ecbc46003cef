using System.Text;
using Concentrator.Bytes;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// One JSON object a line, always with these members in this order, all strings:
/// <c>{"timestamp":"2026-11-22T05:38:11.123456+00:00","host":"edge","program":"haproxy","pid":"1234","facility":"local0","severity":"info","message":"…"}</c>.
/// <c>program</c> and <c>pid</c> are empty where the message has none; after <c>pid</c> follow <c>msgid</c> and <c>structured_data</c>
/// where an RFC 5424 message has them.
/// </summary>
internal sealed class JsonLine(TimestampSource source) : LineRenderer
{
    private static readonly byte[][] Facilities = [.. Enumerable.Range(0, 24).Select(static f => Encoding.ASCII.GetBytes(FacilityName(f)))];

    private static readonly byte[][] Severities =
        [.. new[] { "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" }.Select(Encoding.ASCII.GetBytes)];

    private static ReadOnlySpan<byte> TimestampHead => "{\"timestamp\":\""u8;

    private static ReadOnlySpan<byte> HostHead => "\",\"host\":\""u8;

    private static ReadOnlySpan<byte> ProgramHead => "\",\"program\":\""u8;

    private static ReadOnlySpan<byte> PidHead => "\",\"pid\":\""u8;

    private static ReadOnlySpan<byte> MsgIdHead => "\",\"msgid\":\""u8;

    private static ReadOnlySpan<byte> StructuredDataHead => "\",\"structured_data\":\""u8;

    private static ReadOnlySpan<byte> FacilityHead => "\",\"facility\":\""u8;

    private static ReadOnlySpan<byte> SeverityHead => "\",\"severity\":\""u8;

    private static ReadOnlySpan<byte> MessageHead => "\",\"message\":\""u8;

    private static ReadOnlySpan<byte> Tail => "\"}"u8;

    protected override int MeasureContent(in SyslogMessage message, in Reception reception)
    {
        int length = TimestampHead.Length + Rfc3339.Length
            + HostHead.Length + JsonText.Measure(ShownHost.Of(message, reception))
            + ProgramHead.Length + JsonText.Measure(message.AppName)
            + PidHead.Length + JsonText.Measure(message.ProcId)
            + FacilityHead.Length + Facilities[(int)message.Facility].Length
            + SeverityHead.Length + Severities[(int)message.Severity].Length
            + MessageHead.Length + JsonText.Measure(MessageText.Trim(message.Text)) + Tail.Length;
        if (!message.MsgId.IsEmpty) length += MsgIdHead.Length + JsonText.Measure(message.MsgId);
        if (!message.StructuredData.IsEmpty) length += StructuredDataHead.Length + JsonText.Measure(message.StructuredData);
        return length;
    }

    protected override void WriteContent(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        writer.Add(TimestampHead);
        Stamp.WriteRfc3339(source, message, reception, writer.Take(Rfc3339.Length));
        Add(ref writer, HostHead, ShownHost.Of(message, reception));
        Add(ref writer, ProgramHead, message.AppName);
        Add(ref writer, PidHead, message.ProcId);
        if (!message.MsgId.IsEmpty) Add(ref writer, MsgIdHead, message.MsgId);
        if (!message.StructuredData.IsEmpty) Add(ref writer, StructuredDataHead, message.StructuredData);
        Add(ref writer, FacilityHead, Facilities[(int)message.Facility]);
        Add(ref writer, SeverityHead, Severities[(int)message.Severity]);
        Add(ref writer, MessageHead, MessageText.Trim(message.Text));
        writer.Add(Tail);
    }

    private static void Add(ref SpanWriter writer, scoped ReadOnlySpan<byte> head, scoped ReadOnlySpan<byte> value)
    {
        writer.Add(head);
        JsonText.Add(ref writer, value);
    }

    /// <summary>The name used in the configuration.</summary>
    private static string FacilityName(int facility) => ((Facility)facility).ToString().ToLowerInvariant();
}
