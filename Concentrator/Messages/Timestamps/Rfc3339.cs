using System.Diagnostics;
using Concentrator.Bytes;

namespace Concentrator.Messages;

/// <summary>
/// The timestamp of RFC 5424 section 6.2.3: <c>2026-11-22T06:13:25.123456+00:00</c>. It is RFC 3339 with upper-case
/// T and Z, one to six fraction digits and no leap second.
/// </summary>
internal static class Rfc3339
{
    /// <summary>The length of what <see cref="Write"/> writes, in bytes.</summary>
    public const int Length = 32;

    private const int SecondsLength = 19; // YYYY-MM-DDThh:mm:ss
    private const int MaxFraction = 6;    // RFC 5424 section 6: TIME-SECFRAC = "." 1*6DIGIT
    private const int MaxFractionRead = 9; // nanoseconds, as careless senders write them

    /// <summary>
    /// The length of the timestamp at the start of <paramref name="text"/>, 0 if there is none. What follows it is not
    /// looked at. Seven to nine fraction digits are read too; <paramref name="isOverlong"/> then says that RFC 5424
    /// does not allow them.
    /// </summary>
    public static int Match(ReadOnlySpan<byte> text, out bool isOverlong)
    {
        isOverlong = false;
        if (text.Length >= Length && FitsUsualForm(text))
            return Length;
        int length = Scan(text, out Moment moment);
        isOverlong = moment.FractionDigits > MaxFraction;
        return length;
    }

    /// <summary>
    /// Reads a timestamp that fills <paramref name="text"/>; digits past the microsecond are cut off. False also where
    /// <see cref="DateTimeOffset"/> cannot hold it: year 0 and offsets over 14 hours.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.IsEmpty || Scan(text, out Moment moment) != text.Length)
            return false;
        if (moment.Year == 0 || Math.Abs(moment.OffsetMinutes) > 14 * 60)
            return false;
        DateTime local = new(moment.Year, moment.Month, moment.Day, moment.Hour, moment.Minute, moment.Second);
        long ticks = local.Ticks + moment.Microseconds * TimeSpan.TicksPerMicrosecond;
        long utcTicks = ticks - moment.OffsetMinutes * TimeSpan.TicksPerMinute;
        if (utcTicks < DateTime.MinValue.Ticks || utcTicks > DateTime.MaxValue.Ticks)
            return false;
        time = new DateTimeOffset(ticks, TimeSpan.FromMinutes(moment.OffsetMinutes));
        return true;
    }

    /// <summary>Writes exactly <see cref="Length"/> bytes: microseconds (the rest is cut off), the time's own offset as a number.</summary>
    public static void Write(DateTimeOffset time, Span<byte> destination)
    {
        Span<byte> text = destination[..Length];
        DateTime local = time.DateTime;
        "0000-00-00T00:00:00.000000+00:00"u8.CopyTo(text);
        Digits.WritePadded(text, 0, 4, local.Year);
        Digits.WritePadded(text, 5, 2, local.Month);
        Digits.WritePadded(text, 8, 2, local.Day);
        Digits.WritePadded(text, 11, 2, local.Hour);
        Digits.WritePadded(text, 14, 2, local.Minute);
        Digits.WritePadded(text, 17, 2, local.Second);
        Digits.WritePadded(text, 20, 6, (int)(local.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
        int offset = time.TotalOffsetMinutes;
        if (offset < 0)
        {
            text[26] = (byte)'-';
            offset = -offset;
        }
        Digits.WritePadded(text, 27, 2, offset / 60);
        Digits.WritePadded(text, 30, 2, offset % 60);
    }

    // The form that HAProxy, rsyslog and we ourselves write, checked without reading its numbers one by one: this
    // takes a quarter off the parsing of a whole RFC 5424 header. Day 29 and later goes the long way.
    private static bool FitsUsualForm(ReadOnlySpan<byte> text) =>
        Pattern16.Fits(text, "0000-00-00T00:00"u8, "9999-19-29T29:59"u8)
        && Pattern16.Fits(text[Pattern16.Length..], ":00.000000+00:00"u8, ":59.999999-29:59"u8)
        && text[26] != ','
        && (uint)(Digits.ReadTwo(text, 5) - 1) < 12
        && (uint)(Digits.ReadTwo(text, 8) - 1) < 28
        && Digits.ReadTwo(text, 11) < 24
        && Digits.ReadTwo(text, 27) < 24;

    private static int Scan(ReadOnlySpan<byte> text, out Moment moment)
    {
        moment = default;
        // The shortest ends with Z. This test also covers every fixed offset below.
        if (text.Length <= SecondsLength || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
            return 0;
        moment.Year = Digits.ReadFour(text, 0);
        moment.Month = Digits.ReadTwo(text, 5);
        moment.Day = Digits.ReadTwo(text, 8);
        moment.Hour = Digits.ReadTwo(text, 11);
        moment.Minute = Digits.ReadTwo(text, 14);
        moment.Second = Digits.ReadTwo(text, 17);
        if (moment.Year < 0 || (uint)(moment.Month - 1) > 11 || moment.Day < 1 || moment.Day > DaysIn(moment.Year, moment.Month)
            || (uint)moment.Hour > 23 || (uint)moment.Minute > 59 || (uint)moment.Second > 59)
            return 0;
        int position = SecondsLength;
        if (text[position] == '.')
        {
            position++;
            while (position < text.Length && Digits.IsDigit(text[position]))
            {
                if (++moment.FractionDigits > MaxFractionRead)
                    return 0;
                if (moment.FractionDigits <= MaxFraction)
                    moment.Microseconds = moment.Microseconds * 10 + (text[position] - '0');
                position++;
            }
            if (moment.FractionDigits == 0)
                return 0;
            for (int digits = moment.FractionDigits; digits < MaxFraction; digits++)
                moment.Microseconds *= 10;
        }
        if (position == text.Length)
            return 0;
        return text[position] switch
        {
            (byte)'Z' => position + 1,
            (byte)'+' => ScanOffset(text, position, 1, ref moment),
            (byte)'-' => ScanOffset(text, position, -1, ref moment),
            _ => 0,
        };
    }

    private static int ScanOffset(ReadOnlySpan<byte> text, int position, int sign, ref Moment moment)
    {
        if (text.Length < position + 6 || text[position + 3] != ':')
            return 0;
        int hours = Digits.ReadTwo(text, position + 1);
        int minutes = Digits.ReadTwo(text, position + 4);
        if ((uint)hours > 23 || (uint)minutes > 59)
            return 0;
        moment.OffsetMinutes = sign * (hours * 60 + minutes);
        return position + 6;
    }

    private static int DaysIn(int year, int month)
    {
        Debug.Assert(month is >= 1 and <= 12);
        // Year 0 is a leap year in the calendar of RFC 3339, which DateTime does not know.
        return year == 0 ? DateTime.DaysInMonth(2000, month) : DateTime.DaysInMonth(year, month);
    }

    private struct Moment
    {
        public int Year, Month, Day, Hour, Minute, Second, Microseconds, FractionDigits, OffsetMinutes;
    }
}
