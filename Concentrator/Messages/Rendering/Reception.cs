namespace Concentrator.Messages.Rendering;

/// <summary>
/// What is known of a message besides its own bytes: when and from whom it came. Made once per received batch; the
/// views are valid only while that batch is processed.
/// </summary>
internal readonly ref struct Reception
{
    /// <summary>The name or address to show where a message names no host, in bytes fit for a syslog header.</summary>
    public required ReadOnlySpan<byte> SenderName { get; init; }

    /// <summary>Time of reception, RFC 3339 with microseconds and offset: <c>2026-11-22T06:13:25.123456+00:00</c> (32 bytes).</summary>
    public required ReadOnlySpan<byte> Rfc3339 { get; init; }

    /// <summary>The same moment in local time as RFC 3164 writes it: <c>Nov 22 06:13:25</c> (15 bytes, day padded with a blank).</summary>
    public required ReadOnlySpan<byte> Bsd { get; init; }
}
