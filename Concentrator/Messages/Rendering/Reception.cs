namespace Concentrator.Messages.Rendering;

/// <summary>
/// What is known about a message besides its own bytes: its time of reception and its sender. Created once per received
/// batch; the views are valid only while that batch is processed.
/// </summary>
internal readonly ref struct Reception
{
    /// <summary>The name or address to show for a message without a host name, in bytes valid in a syslog header.</summary>
    public required ReadOnlySpan<byte> SenderName { get; init; }

    /// <summary>Time of reception, RFC 3339 with microseconds and offset: <c>2026-11-22T06:13:25.123456+00:00</c> (32 bytes).</summary>
    public required ReadOnlySpan<byte> Rfc3339 { get; init; }

    /// <summary>The same moment in local time in RFC 3164 format: <c>Nov 22 06:13:25</c> (15 bytes, day padded with a blank).</summary>
    public required ReadOnlySpan<byte> Bsd { get; init; }
}
