namespace Concentrator.Bench.Sink;

/// <summary>
/// Scans one connection's bytes for the frames of RFC 5425 4.3, strictly: no leading zero, no LF between frames, no frame without a PRI.
/// Independent of the server's own scanner, which it checks.
/// </summary>
internal static class OctetFrames
{
    /// <summary>In bytes. Longer than anything that the server sends.</summary>
    public const int LongestFrame = 16 * 1024 * 1024;

    /// <summary>What the start of a buffer contains.</summary>
    internal enum Answer
    {
        Frame,
        NeedMore,
        Violation,
    }

    /// <param name="bytes">Must begin at the start of a frame.</param>
    /// <param name="header">The length in bytes of the octet count and its space.</param>
    /// <param name="length">The length in bytes of the frame after it.</param>
    public static Answer Look(ReadOnlySpan<byte> bytes, out int header, out int length)
    {
        length = 0;
        for (header = 0; header < bytes.Length; header++)
        {
            byte digit = bytes[header];
            if (digit == ' ' && header > 0)
            {
                header++;
                if (bytes.Length - header < length) return Answer.NeedMore;
                return bytes[header] == '<' ? Answer.Frame : Answer.Violation;
            }
            if (digit is < (byte)'0' or > (byte)'9' || (header == 0 && digit == '0')) return Answer.Violation;
            length = (length * 10) + (digit - '0');
            if (length > LongestFrame) return Answer.Violation;
        }
        return Answer.NeedMore;
    }
}
