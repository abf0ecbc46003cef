using System.Diagnostics;
using Concentrator.Bytes;

namespace Concentrator.Messages.Timestamps;

/// <summary>
/// The timestamp of RFC 5424 section 6.2.3: <c>2026-11-22T06:13:25.123456+00:00</c>. It is RFC 3339 with upper-case T and Z, one to six
/// fraction digits and no leap second. Other forms of RFC 3339 and ISO 8601 that senders write are read as well: lower-case t or z, a
/// blank for the T, an offset without its colon or minutes, no seconds, no zone.
/// </summary>
internal static class Rfc3339
{
    /// <summary>The number of bytes that <see cref="Write"/> writes.</summary>
    public const int Length = 32;

    private const int MinutesLength = 16; // YYYY-MM-DDThh:mm
    private const int SecondsLength = 19; // YYYY-MM-DDThh:mm:ss
    private const int MaxFraction = 6;    // RFC 5424 section 6: TIME-SECFRAC = "." 1*6DIGIT
    private const int MaxFractionRead = 9; // nanoseconds, which some senders write

    /// <summary>
    /// The length of the timestamp at the start of <paramref name="text"/>, 0 if there is none. The caller checks what follows. Seven to
    /// nine fraction digits are read too; <paramref name="isOverlong"/> then reports that RFC 5424 does not allow them.
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
    /// Reads a timestamp that fills <paramref name="text"/>; digits after the microsecond are truncated. False if it has no
    /// zone, or <see cref="DateTimeOffset"/> cannot represent it: year 0 and offsets over 14 hours.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.IsEmpty || Scan(text, out Moment moment) != text.Length)
            return false;
        if (!moment.HasZone || moment.Year == 0 || Math.Abs(moment.OffsetMinutes) > 14 * 60)
            return false;
        DateTime local = new(moment.Year, moment.Month, moment.Day, moment.Hour, moment.Minute, moment.Second);
        long ticks = local.Ticks + moment.Microseconds * TimeSpan.TicksPerMicrosecond;
        long utcTicks = ticks - moment.OffsetMinutes * TimeSpan.TicksPerMinute;
        if (utcTicks < DateTime.MinValue.Ticks || utcTicks > DateTime.MaxValue.Ticks)
            return false;
        time = new DateTimeOffset(ticks, TimeSpan.FromMinutes(moment.OffsetMinutes));
        return true;
    }

    /// <summary>Writes exactly <see cref="Length"/> bytes: truncated to microseconds, the time's own offset as a number.</summary>
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

    // The form that HAProxy, rsyslog and this server write, checked without reading its numbers one by one: this saves a
    // quarter of the parsing of a whole RFC 5424 header. The last days of a month that not every year or month has take the slow path.
    private static bool FitsUsualForm(ReadOnlySpan<byte> text) =>
        Pattern16.Fits(text, "0000-00-00T00:00"u8, "9999-19-29T29:59"u8)
        && Pattern16.Fits(text[Pattern16.Length..], ":00.000000+00:00"u8, ":59.999999-29:59"u8)
        && text[26] != ','
        && Digits.ReadTwo(text, 5) is >= 1 and <= 12 and int month
        && (uint)(Digits.ReadTwo(text, 8) - 1) < (month == 2 ? 28 : 30)
        && Digits.ReadTwo(text, 11) < 24
        && Digits.ReadTwo(text, 27) < 24;

    private static int Scan(ReadOnlySpan<byte> text, out Moment moment)
    {
        moment = default;
        // This test also bounds every fixed offset below.
        if (text.Length < MinutesLength || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':')
            return 0;
        moment.Year = Digits.ReadFour(text, 0);
        moment.Month = Digits.ReadTwo(text, 5);
        moment.Day = Digits.ReadTwo(text, 8);
        moment.Hour = Digits.ReadTwo(text, 11);
        moment.Minute = Digits.ReadTwo(text, 14);
        if (moment.Year < 0 || (uint)(moment.Month - 1) > 11 || moment.Day < 1 || moment.Day > DaysIn(moment.Year, moment.Month)
            || (uint)moment.Hour > 23 || (uint)moment.Minute > 59)
            return 0;
        int position = ScanSeconds(text, ref moment);
        return position == 0 ? 0 : ScanZone(text, position, ref moment);
    }

    // The position after the seconds and their fraction, or after the minutes; 0 if they are invalid.
    private static int ScanSeconds(ReadOnlySpan<byte> text, ref Moment moment)
    {
        if (text.Length < SecondsLength || text[MinutesLength] != ':' || !Digits.IsDigit(text[MinutesLength + 1]))
            return MinutesLength;
        moment.Second = Digits.ReadTwo(text, MinutesLength + 1);
        if ((uint)moment.Second > 59)
            return 0;
        int position = SecondsLength;
        if (position == text.Length || text[position] != '.')
            return position;
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
        return position;
    }

    // The position after the zone, or the same position if there is none.
    private static int ScanZone(ReadOnlySpan<byte> text, int position, ref Moment moment)
    {
        if (position == text.Length)
            return position;
        if (text[position] is (byte)'Z' or (byte)'z')
        {
            moment.HasZone = true;
            return position + 1;
        }
        int end = ScanOffset(text, position, ref moment);
        if (end != 0)
            return end;
        if (text[position] is (byte)'+' or (byte)'-')
            return 0;
        // An offset may be a separate word: no host name has that form.
        end = text[position] == ' ' ? ScanOffset(text, position + 1, ref moment) : 0;
        if (end != 0 && end < text.Length && text[end] == ' ')
            return end;
        moment.HasZone = false;
        return position;
    }

    // The position after +hh:mm, +hhmm or +hh, 0 if there is none.
    private static int ScanOffset(ReadOnlySpan<byte> text, int position, ref Moment moment)
    {
        if (text.Length < position + 3 || text[position] is not ((byte)'+' or (byte)'-'))
            return 0;
        int hours = Digits.ReadTwo(text, position + 1);
        if ((uint)hours > 23)
            return 0;
        int end = position + 3;
        int minutes = 0;
        int colon = end < text.Length && text[end] == ':' ? 1 : 0;
        if (text.Length >= end + colon + 2 && Digits.ReadTwo(text, end + colon) >= 0)
        {
            minutes = Digits.ReadTwo(text, end + colon);
            end += colon + 2;
        }
        if (minutes > 59)
            return 0;
        moment.HasZone = true;
        moment.OffsetMinutes = (text[position] == '-' ? -1 : 1) * (hours * 60 + minutes);
        return end;
    }

    private static int DaysIn(int year, int month)
    {
        Debug.Assert(month is >= 1 and <= 12);
        // Year 0 is a leap year in the calendar of RFC 3339, which DateTime does not support.
        return year == 0 ? DateTime.DaysInMonth(2000, month) : DateTime.DaysInMonth(year, month);
    }

    private struct Moment
    {
        public int Year, Month, Day, Hour, Minute, Second, Microseconds, FractionDigits, OffsetMinutes;
        public bool HasZone;
    }
}
