using Concentrator.Bytes;

namespace Concentrator.Messages.Timestamps;

/// <summary>The timestamp of RFC 3164 section 4.1.2, <c>Nov 22 06:13:25</c>, and senders' variants of it.</summary>
internal static class BsdTime
{
    /// <summary>The number of bytes that <see cref="Write"/> writes.</summary>
    public const int Length = 15;

    private const int MinutesAndSecondsLength = 6; // :mm:ss
    private const int YearLength = 4;

    /// <summary>
    /// The length of the timestamp at the start of <paramref name="text"/>, 0 if there is none. The month may be in upper or lower
    /// case; the day may have one digit or two, padded with a blank or a zero; a year may precede the month or the time, or follow
    /// it if <paramref name="yearMayFollow"/>; the hour may have one digit, the seconds a fraction. The caller checks what follows.
    /// </summary>
    public static int Match(ReadOnlySpan<byte> text, bool yearMayFollow)
    {
        int position = text.Length > Length && FitsUsualForm(text) ? Length : MatchAnyForm(text);
        // A following year must be a word of its own; otherwise it is the beginning of the text.
        if (position != 0 && yearMayFollow && position + 1 < text.Length && text[position] == ' ' && HasYear(text, position + 1))
            position += 1 + YearLength;
        return position;
    }

    /// <summary>Writes exactly <see cref="Length"/> bytes, the day padded with a blank, in the time's own offset.</summary>
    public static void Write(DateTimeOffset time, Span<byte> destination)
    {
        Span<byte> text = destination[..Length];
        DateTime local = time.DateTime;
        "JanFebMarAprMayJunJulAugSepOctNovDec"u8.Slice((local.Month - 1) * 3, 3).CopyTo(text);
        "    00:00:00"u8.CopyTo(text[3..]);
        int day = local.Day;
        if (day > 9)
            text[4] = (byte)('0' + day / 10);
        text[5] = (byte)('0' + day % 10);
        Digits.WritePadded(text, 7, 2, local.Hour);
        Digits.WritePadded(text, 10, 2, local.Minute);
        Digits.WritePadded(text, 13, 2, local.Second);
    }

    // RFC 3164's own form followed by a blank, in one step. Day 30 and later takes the slow path.
    private static bool FitsUsualForm(ReadOnlySpan<byte> text) =>
        Pattern16.Fits(text, "Aaa  0 00:00:00 "u8, "Szz 29 29:59:59 "u8)
        && (text[4] == ' ' ? text[5] != '0' : text[4] >= '0' && (text[4] != '0' || text[5] != '0'))
        && (text[7] != '2' || text[8] < '4')
        && MonthOf(text) != 0;

    // The length without a following year, 0 if there is no date.
    private static int MatchAnyForm(ReadOnlySpan<byte> text)
    {
        bool hasYear = HasYear(text, 0);
        int position = hasYear ? YearLength + 1 : 0;
        if (text.Length < position + 4 || text[position + 3] != ' ' || MonthOf(text[position..]) == 0)
            return 0;
        position = MatchDay(text, position + 4);
        if (position == 0)
            return 0;
        if (!hasYear && HasYear(text, position))
            position += YearLength + 1;
        return MatchTime(text, position);
    }

    // 1 to 12, 0 for anything else. That bit turns only letters into lower-case letters.
    private static int MonthOf(ReadOnlySpan<byte> text) => ((text[0] << 16 | text[1] << 8 | text[2]) | 0x202020) switch
    {
        'j' << 16 | 'a' << 8 | 'n' => 1,
        'f' << 16 | 'e' << 8 | 'b' => 2,
        'm' << 16 | 'a' << 8 | 'r' => 3,
        'a' << 16 | 'p' << 8 | 'r' => 4,
        'm' << 16 | 'a' << 8 | 'y' => 5,
        'j' << 16 | 'u' << 8 | 'n' => 6,
        'j' << 16 | 'u' << 8 | 'l' => 7,
        'a' << 16 | 'u' << 8 | 'g' => 8,
        's' << 16 | 'e' << 8 | 'p' => 9,
        'o' << 16 | 'c' << 8 | 't' => 10,
        'n' << 16 | 'o' << 8 | 'v' => 11,
        'd' << 16 | 'e' << 8 | 'c' => 12,
        _ => 0,
    };

    // The position after the day and its blank, 0 if there is no day.
    private static int MatchDay(ReadOnlySpan<byte> text, int position)
    {
        if (position < text.Length && text[position] == ' ')
            position++;
        int digits = Digits.CountLeading(text.Slice(position, Math.Min(3, text.Length - position)));
        int day = digits switch
        {
            1 => text[position] - '0',
            2 => Digits.ReadTwo(text, position),
            _ => 0,
        };
        position += digits;
        return day is >= 1 and <= 31 && position < text.Length && text[position] == ' ' ? position + 1 : 0;
    }

    // A year of our time, followed by a blank.
    private static bool HasYear(ReadOnlySpan<byte> text, int position) =>
        text.Length > position + YearLength && text[position + YearLength] == ' ' && Digits.ReadFour(text, position) is >= 1970 and <= 2099;

    // The position after hh:mm:ss, or h:mm:ss, and its fraction, 0 if there is no time.
    private static int MatchTime(ReadOnlySpan<byte> text, int position)
    {
        int hourDigits = text.Length > position + 1 && text[position + 1] == ':' ? 1 : 2;
        int colon = position + hourDigits;
        if (text.Length < colon + MinutesAndSecondsLength || text[colon] != ':' || text[colon + 3] != ':'
            || !IsHour(text.Slice(position, hourDigits))
            || (uint)Digits.ReadTwo(text, colon + 1) > 59
            || (uint)Digits.ReadTwo(text, colon + 4) > 60)
            return 0;
        position = colon + MinutesAndSecondsLength;
        if (position < text.Length && text[position] == '.')
        {
            ReadOnlySpan<byte> rest = text[(position + 1)..];
            int digits = Digits.CountLeading(rest[..Math.Min(10, rest.Length)]);
            if (digits is >= 1 and <= 9)
                position += 1 + digits;
        }
        return position;
    }

    private static bool IsHour(ReadOnlySpan<byte> digits) =>
        digits.Length == 1 ? Digits.IsDigit(digits[0]) : (uint)Digits.ReadTwo(digits, 0) <= 23;
}
