namespace Concentrator.Messages.Timestamps;

/// <summary>The sender's own clock, where a message's timestamp is unambiguous.</summary>
internal static class SentTime
{
    /// <summary>
    /// True only for a timestamp with date, year and zone, which means RFC 3339: no form of the BSD timestamp has a zone,
    /// and a guess would shift events by hours.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> timestamp, out DateTimeOffset time) => Rfc3339.TryRead(timestamp, out time);
}
