using Concentrator.Messages.Timestamps;

namespace Concentrator.Messages.Rendering;

/// <summary><c>Nov 22 05:38:11 host haproxy[1234]: …</c>: rsyslog's traditional format, which <c>halog</c> reads.</summary>
internal sealed class TraditionalLine(TimestampSource source) : TaggedLine(BsdTime.Length)
{
    protected override void WriteStamp(in SyslogMessage message, in Reception reception, Span<byte> destination) =>
        Stamp.WriteBsd(source, message, reception, destination);
}
