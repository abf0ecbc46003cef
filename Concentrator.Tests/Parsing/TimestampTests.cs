using System.Globalization;
using System.Text;
using Concentrator.Messages.Timestamps;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Parsing;

internal sealed class TimestampTests
{
    [TestCase("2026-11-22T06:13:25.123456+05:45", "2026-11-22T06:13:25.123456+05:45")]
    [TestCase("2003-10-11T22:14:15.003Z", "2003-10-11T22:14:15.003000+00:00")]
    [TestCase("2003-08-24T05:14:15.000003-07:00", "2003-08-24T05:14:15.000003-07:00")]
    [TestCase("2026-07-04T09:08:07-00:00", "2026-07-04T09:08:07.000000+00:00")]
    [TestCase("2026-07-04T09:08:07.123456789-03:30", "2026-07-04T09:08:07.123456-03:30")]
    [TestCase("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999+00:00")]
    [TestCase("2026-07-04T09:08:07+0530", "2026-07-04T09:08:07.000000+05:30")]
    [TestCase("2026-07-04T09:08:07-03", "2026-07-04T09:08:07.000000-03:00")]
    [TestCase("2026-07-04t09:08:07.5z", "2026-07-04T09:08:07.500000+00:00")]
    [TestCase("2026-07-04T09:08Z", "2026-07-04T09:08:00.000000+00:00")]
    [TestCase("2026-07-04 09:08:07+01:00", "2026-07-04T09:08:07.000000+01:00")]
    public void A_sent_time_is_read_and_written_with_its_own_offset(string sent, string written)
    {
        Assert.That(SentTime.TryRead(Encoding.ASCII.GetBytes(sent), out DateTimeOffset time));
        Assert.That(Write(time), Is.EqualTo(written));
    }

    [TestCase("Nov 22 06:13:25", TestName = "A_BSD_date_has_no_year")]
    [TestCase("Nov 22 2026 06:13:25", TestName = "A_BSD_date_with_a_year_has_no_zone")]
    [TestCase("2026-11-22T06:13:25", TestName = "A_date_without_zone")]
    [TestCase("2026-11-22 06:13:25.5", TestName = "A_date_with_a_blank_and_without_zone")]
    [TestCase("2026-11-22T06:13", TestName = "A_date_without_seconds_and_zone")]
    [TestCase("2026-11-22T06:13:25+0160", TestName = "An_offset_of_sixty_minutes")]
    [TestCase("2026-11-22T06:13:25Z ", TestName = "A_date_and_a_blank")]
    [TestCase("2026-11-22T06:13:60Z", TestName = "A_leap_second")]
    [TestCase("2025-02-29T06:13:25.123456+00:00", TestName = "A_day_that_does_not_exist")]
    [TestCase("0000-02-29T00:00:00Z", TestName = "Year_zero")]
    [TestCase("2026-11-22T06:13:25+14:01", TestName = "An_offset_over_fourteen_hours")]
    [TestCase("0001-01-01T00:00:00+01:00", TestName = "A_time_before_the_first_year")]
    [TestCase("9999-12-31T23:59:59.999999-01:00", TestName = "A_time_after_the_last_year")]
    [TestCase("", TestName = "Nothing")]
    public void A_time_is_not_read_from(string sent) =>
        Assert.That(SentTime.TryRead(Encoding.ASCII.GetBytes(sent), out _), Is.False);

    [TestCase("2026-11-02T06:03:05Z", "Nov  2 06:03:05")]
    [TestCase("2026-01-12T16:13:25Z", "Jan 12 16:13:25")]
    [TestCase("2026-05-31T23:59:59.9+12:00", "May 31 23:59:59")]
    public void A_BSD_time_pads_its_day_with_a_blank(string time, string written)
    {
        byte[] text = new byte[15];
        BsdTime.Write(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture), text);
        Assert.That(Encoding.ASCII.GetString(text), Is.EqualTo(written));
    }

    [Test]
    public void Any_time_is_written_as_the_framework_formats_it_and_read_back()
    {
        Gen<DateTimeOffset> times =
            from seconds in Gen.Choose(0, int.MaxValue)
            from microseconds in Gen.Choose(0, 999_999)
            from minutes in Gen.Choose(-14 * 60, 14 * 60)
            select DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddMicroseconds(microseconds).ToOffset(TimeSpan.FromMinutes(minutes));
        Prop.ForAll(times.ToArbitrary(), static time =>
        {
            string written = Write(time);
            byte[] bsd = new byte[BsdTime.Length];
            BsdTime.Write(time, bsd);
            string expected = time.ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
            string day = time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2);
            return written == expected
                && Encoding.ASCII.GetString(bsd) == $"{time.ToString("MMM", CultureInfo.InvariantCulture)} {day} {time:HH:mm:ss}"
                && BsdTime.Match(bsd, yearMayFollow: true) == BsdTime.Length
                && Rfc3339.Match(Encoding.ASCII.GetBytes(written), out _) == Rfc3339.Length
                && SentTime.TryRead(Encoding.ASCII.GetBytes(written), out DateTimeOffset read)
                && read == time && read.Offset == time.Offset;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static string Write(DateTimeOffset time)
    {
        byte[] text = new byte[32];
        Rfc3339.Write(time, text);
        return Encoding.ASCII.GetString(text);
    }
}
