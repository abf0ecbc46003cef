namespace Concentrator.Messages.Timestamps;

/// <summary>The sender's own clock, where a message shows it beyond doubt.</summary>
internal static class SentTime
{
    /// <summary>
    /// True only for a timestamp that carries date, year and zone, which is to say RFC 3339: the BSD timestamp has no
    /// zone in any of its forms, and guessing one puts events hours away from where they belong.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> timestamp, out DateTimeOffset time) => Rfc3339.TryRead(timestamp, out time);
}
