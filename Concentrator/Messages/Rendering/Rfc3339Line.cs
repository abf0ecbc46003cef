using Concentrator.Messages.Timestamps;

namespace Concentrator.Messages.Rendering;

/// <summary><c>2026-11-22T05:38:11.123456+00:00 host haproxy[1234]: …</c></summary>
internal sealed class Rfc3339Line(TimestampSource source) : TaggedLine(Rfc3339.Length)
{
    protected override void WriteStamp(in SyslogMessage message, in Reception reception, Span<byte> destination) =>
        Stamp.WriteRfc3339(source, message, reception, destination);
}
