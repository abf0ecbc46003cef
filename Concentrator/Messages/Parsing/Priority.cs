using Concentrator.Bytes;

namespace Concentrator.Messages.Parsing;

/// <summary>The <c>&lt;PRI&gt;</c> at the start of a header (RFC 5424 section 6.2.1).</summary>
internal static class Priority
{
    private const int Highest = 191;

    /// <summary>
    /// Reads one to three digits in angle brackets, 0 to 191; <paramref name="length"/> includes the brackets. A leading zero violates the
    /// RFC but is unambiguous, so the value is used and <paramref name="hasLeadingZero"/> reports it.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out byte pri, out int length, out bool hasLeadingZero)
    {
        pri = 0;
        length = 0;
        hasLeadingZero = false;
        if (frame.Length < 3 || frame[0] != '<')
            return false;
        int value = 0;
        int position = 1;
        for (; position <= 4 && position < frame.Length && Digits.IsDigit(frame[position]); position++)
            value = value * 10 + (frame[position] - '0');
        int digits = position - 1;
        if (digits is < 1 or > 3 || value > Highest || position == frame.Length || frame[position] != '>')
            return false;
        pri = (byte)value;
        length = position + 1;
        hasLeadingZero = digits > 1 && frame[1] == '0';
        return true;
    }
}
