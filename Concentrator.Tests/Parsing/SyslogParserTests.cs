using System.Text;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Parsing;

/// <summary>
/// One line a rule. A result reads <c>pri version|timestamp|host|app|procid|msgid|sd|text</c>, with <c>!</c> behind it
/// if malformed.
/// </summary>
internal sealed class SyslogParserTests
{
    private const string Now = "2026-11-22T06:13:25.123456+00:00";

    // HAProxy's formats.
    [TestCase(HeaderFormat.Auto, "<134>Nov 22 06:13:25 haproxy[32177]: x", "134 0|Nov 22 06:13:25||haproxy|32177|||x", TestName = "Local")]
    [TestCase(HeaderFormat.Auto, "<134>Nov 22 06:13:25 HOST haproxy[32177]: x", "134 0|Nov 22 06:13:25|HOST|haproxy|32177|||x", TestName = "Rfc3164")]
    [TestCase(HeaderFormat.Auto, $"<134>1 {Now} HOST haproxy 32177 - - x", $"134 1|{Now}|HOST|haproxy|32177|||x", TestName = "Rfc5424")]
    [TestCase(HeaderFormat.Auto, "<134>x", "134 0|||||||x", TestName = "Priority")]
    [TestCase(HeaderFormat.Auto, "<6>x", "6 0|||||||x", TestName = "Short")]
    [TestCase(HeaderFormat.Timed, $"<6>{Now} x", $"6 0|{Now}||||||x", TestName = "Timed")]
    [TestCase(HeaderFormat.Auto, $"<6>{Now} x", $"6 0|||||||{Now} x", TestName = "Timed_without_a_hint_is_priority")]
    [TestCase(HeaderFormat.Iso, $"{Now} x", $"- 0|{Now}||||||x", TestName = "Iso")]
    [TestCase(HeaderFormat.Auto, $"{Now} x", $"- 0|||||||{Now} x!", TestName = "Iso_without_a_hint_is_text")]
    [TestCase(HeaderFormat.Raw, "<134>Nov 22 06:13:25 h a: x", "- 0|||||||<134>Nov 22 06:13:25 h a: x", TestName = "Raw")]
    [TestCase(HeaderFormat.Raw, "<BADREQ>", "- 0|||||||<BADREQ>", TestName = "Badreq_in_raw")]
    [TestCase(HeaderFormat.Auto, "<BADREQ>", "- 0|||||||<BADREQ>!", TestName = "Badreq_without_a_hint")]
    [TestCase(HeaderFormat.Local, "<134>Nov 22 06:13:25 my app[32177]: x", "134 0|Nov 22 06:13:25||my app|32177|||x", TestName = "Local_tag_with_a_blank")]
    [TestCase(HeaderFormat.Auto, "<134>Nov 22 06:13:25 my app[32177]: x", "134 0|Nov 22 06:13:25|my|app|32177|||x", TestName = "Local_tag_with_a_blank_without_a_hint")]
    // The trailing LF.
    [TestCase(HeaderFormat.Auto, "<13>x\n\n", "13 0|||||||x\n", TestName = "Exactly_one_LF_is_dropped")]
    [TestCase(HeaderFormat.Auto, "<13>x\r\n", "13 0|||||||x\r", TestName = "A_CR_is_data")]
    [TestCase(HeaderFormat.Auto, "<13>x\0", "13 0|||||||x\0", TestName = "A_NUL_is_data")]
    [TestCase(HeaderFormat.Auto, "", "- 0|||||||!", TestName = "An_empty_frame_is_malformed")]
    [TestCase(HeaderFormat.Raw, "\n", "- 0|||||||", TestName = "An_empty_raw_frame_is_not")]
    // PRI.
    [TestCase(HeaderFormat.Auto, "<0>x", "0 0|||||||x", TestName = "PRI_0")]
    [TestCase(HeaderFormat.Auto, "<191>x", "191 0|||||||x", TestName = "PRI_191")]
    [TestCase(HeaderFormat.Auto, "<192>x", "- 0|||||||<192>x!", TestName = "PRI_192_is_text")]
    [TestCase(HeaderFormat.Auto, $"<999>1 {Now} h a p m - x", $"- 0|||||||<999>1 {Now} h a p m - x!", TestName = "A_PRI_over_191_keeps_the_frame_whole")]
    [TestCase(HeaderFormat.Auto, "<0013>x", "- 0|||||||<0013>x!", TestName = "PRI_of_four_digits_is_text")]
    [TestCase(HeaderFormat.Auto, "<013>x", "13 0|||||||x!", TestName = "PRI_with_a_leading_zero_is_read_but_malformed")]
    [TestCase(HeaderFormat.Auto, "<>x", "- 0|||||||<>x!", TestName = "PRI_of_no_digits_is_text")]
    [TestCase(HeaderFormat.Auto, "<13", "- 0|||||||<13!", TestName = "PRI_not_closed_is_text")]
    [TestCase(HeaderFormat.Auto, "<13>", "13 0|||||||", TestName = "PRI_alone")]
    // RFC 5424.
    [TestCase(HeaderFormat.Auto, "<13>1 - - - - - - x", "13 1|||||||x", TestName = "All_fields_nil")]
    [TestCase(HeaderFormat.Auto, "<13>1 - - - - - -", "13 1|||||||", TestName = "No_message")]
    [TestCase(HeaderFormat.Auto, "<13>1 - - - - - - ", "13 1|||||||", TestName = "Empty_message")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m - \u00EF\u00BB\u00BFx", $"13 1|{Now}|h|a|p|m||\u00EF\u00BB\u00BFx", TestName = "A_BOM_stays")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m [a] x", $"13 1|{Now}|h|a|p|m|[a]|x", TestName = "An_element_without_parameters")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m [a b=\"\\\"\\]\\\\\\x\" c=\"\"][d] x", $"13 1|{Now}|h|a|p|m|[a b=\"\\\"\\]\\\\\\x\" c=\"\"][d]|x", TestName = "Escapes")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m [a b=\"1\n2\"] x", $"13 1|{Now}|h|a|p|m|[a b=\"1\n2\"]|x", TestName = "A_LF_in_a_value")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m [a b=\"]\"] x", $"13 1|{Now}|h|a|p|m||[a b=\"]\"] x!", TestName = "An_unescaped_bracket")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m [a b=\"c\"]x", $"13 1|{Now}|h|a|p|m||[a b=\"c\"]x!", TestName = "Structured_data_without_its_blank")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m text here", $"13 1|{Now}|h|a|p|m||text here!", TestName = "No_structured_data")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m [a b=\"cut", $"13 1|{Now}|h|a|p|m||[a b=\"cut!", TestName = "Structured_data_cut_off")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m [no data here", $"13 0|||||||1 {Now} h a p m [no data here!", TestName = "Structured_data_that_is_none_without_a_hint")]
    [TestCase(HeaderFormat.Rfc5424, $"<13>1 {Now} h a p m [no data here", $"13 1|{Now}|h|a|p|m||[no data here!", TestName = "Structured_data_that_is_none_with_the_hint")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m - ", $"13 1|{Now}|h|a|p|m||", TestName = "Whole_header")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a p m ", $"13 1|{Now}|h|a|p|m||!", TestName = "Header_cut_after_MSGID")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a", $"13 1|{Now}|h|a||||!", TestName = "Header_cut_in_APP_NAME")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now}", $"13 1|{Now}||||||!", TestName = "Header_cut_after_TIMESTAMP")]
    [TestCase(HeaderFormat.Auto, "<13>1 - dash list", "13 0|||||||1 - dash list", TestName = "Text_that_begins_like_a_nil_timestamp")]
    [TestCase(HeaderFormat.Rfc5424, "<13>1 - h", "13 1||h|||||!", TestName = "A_cut_header_with_the_hint")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now}  a p m - x", $"13 1|{Now}||a|p|m||x!", TestName = "An_empty_field")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h a\tb p m - x", $"13 1|{Now}|h|a\tb|p|m||x!", TestName = "A_control_byte_in_a_field")]
    [TestCase(HeaderFormat.Auto, $"<13>1 {Now} h r\u00C3\u00A9p p m - x", $"13 1|{Now}|h|r\u00C3\u00A9p|p|m||x", TestName = "UTF8_in_a_field")]
    [TestCase(HeaderFormat.Rfc5424, $"<13>2 {Now} h a p m - x", $"13 0|||||||2 {Now} h a p m - x!", TestName = "An_unknown_version")]
    [TestCase(HeaderFormat.Rfc5424, "<13>1 2026-11-31T06:13:25Z h a p m - x", "13 0|||||||1 2026-11-31T06:13:25Z h a p m - x!", TestName = "A_day_that_does_not_exist")]
    [TestCase(HeaderFormat.Auto, "<13>1 2026-11-22T06:13:25.1234567Z h a p m - x", "13 1|2026-11-22T06:13:25.1234567Z|h|a|p|m||x!", TestName = "Seven_fraction_digits")]
    // RFC 3164.
    [TestCase(HeaderFormat.Auto, "<13>Nov  2 06:13:25 h a: x", "13 0|Nov  2 06:13:25|h|a||||x", TestName = "A_day_padded_with_a_blank")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 2 06:13:25 h a: x", "13 0|Nov 2 06:13:25|h|a||||x", TestName = "A_day_of_one_digit")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 02 06:13:25 h a: x", "13 0|Nov 02 06:13:25|h|a||||x", TestName = "A_day_padded_with_a_zero")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 2026 06:13:25 h a: x", "13 0|Nov 22 2026 06:13:25|h|a||||x", TestName = "A_year_before_the_time")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 2026 h a: x", "13 0|Nov 22 06:13:25 2026|h|a||||x", TestName = "A_year_after_the_time")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25.123 h a: x", "13 0|Nov 22 06:13:25.123|h|a||||x", TestName = "Milliseconds")]
    [TestCase(HeaderFormat.Auto, $"<13>{Now} h a[1]: x", $"13 0|{Now}|h|a|1|||x", TestName = "An_RFC_3339_date_with_host_and_tag")]
    [TestCase(HeaderFormat.Auto, $"<13>{Now} a: x", $"13 0|{Now}||a||||x", TestName = "An_RFC_3339_date_with_a_tag")]
    [TestCase(HeaderFormat.Auto, $"<13>{Now} h my app[1]: x", $"13 0|||||||{Now} h my app[1]: x", TestName = "An_RFC_3339_date_with_a_tag_of_two_words_is_text")]
    [TestCase(HeaderFormat.Rfc3164, $"<13>{Now} h text", $"13 0|{Now}|h|||||text", TestName = "An_RFC_3339_date_with_the_hint")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 a:x", "13 0|Nov 22 06:13:25||||||a:x", TestName = "A_colon_inside_a_word_ends_no_tag")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 a[1]:x", "13 0|Nov 22 06:13:25||a|1|||x", TestName = "A_pid_ends_a_tag_without_a_blank")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 app:web[12]: x", "13 0|Nov 22 06:13:25||app:web|12|||x", TestName = "A_tag_with_a_colon")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 ha[x]proxy[12]: x", "13 0|Nov 22 06:13:25||ha[x]proxy|12|||x", TestName = "A_tag_with_brackets")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 h text only", "13 0|Nov 22 06:13:25|h|||||text only", TestName = "A_host_and_text")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 [ERROR] it: broke", "13 0|Nov 22 06:13:25||||||[ERROR] it: broke", TestName = "A_first_word_that_cannot_be_a_host")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 word", "13 0|Nov 22 06:13:25||||||word", TestName = "One_word_is_text")]
    [TestCase(HeaderFormat.Local, "<13>Nov 22 06:13:25 some words", "13 0|Nov 22 06:13:25||||||some words", TestName = "Local_without_a_tag")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 a: ", "13 0|Nov 22 06:13:25||a||||", TestName = "A_tag_and_nothing")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25", "13 0|Nov 22 06:13:25||||||", TestName = "A_date_and_nothing")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 a:  x", "13 0|Nov 22 06:13:25||a|||| x", TestName = "One_blank_follows_a_tag")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 - a[-]: x", "13 0|Nov 22 06:13:25||a||||x", TestName = "Nil_values_in_RFC_3164")]
    [TestCase(HeaderFormat.Auto, "<13>Nov 22 06:13:25 t\nx: y", "13 0|Nov 22 06:13:25||||||t\nx: y", TestName = "A_tag_holds_no_LF")]
    // A hint never loses a message.
    [TestCase(HeaderFormat.Local, $"<13>1 {Now} h a p m - x", $"13 1|{Now}|h|a|p|m||x", TestName = "RFC_5424_under_another_hint")]
    [TestCase(HeaderFormat.Rfc5424, "<13>Nov 22 06:13:25 h a: x", "13 0|Nov 22 06:13:25|h|a||||x", TestName = "RFC_3164_under_another_hint")]
    [TestCase(HeaderFormat.Timed, "<13>Nov 22 06:13:25 h a: x", "13 0|Nov 22 06:13:25|h|a||||x", TestName = "RFC_3164_under_the_hint_timed")]
    [TestCase(HeaderFormat.Iso, "<13>Nov 22 06:13:25 h a: x", "13 0|Nov 22 06:13:25|h|a||||x", TestName = "RFC_3164_under_the_hint_iso")]
    [TestCase(HeaderFormat.Local, "<13>x", "13 0|||||||x!", TestName = "No_header_under_a_hint_is_malformed")]
    [TestCase(HeaderFormat.Timed, "<13>x", "13 0|||||||x!", TestName = "No_timestamp_under_timed_is_malformed")]
    [TestCase(HeaderFormat.Iso, "x", "- 0|||||||x!", TestName = "No_timestamp_under_iso_is_malformed")]
    public void Fields_of(HeaderFormat hint, string frame, string expected) => Assert.That(Show(frame, hint), Is.EqualTo(expected));

    [TestCase(255, 48, 128, 32, false)]
    [TestCase(256, 48, 128, 32, true)]
    [TestCase(255, 49, 128, 32, true)]
    [TestCase(255, 48, 129, 32, true)]
    [TestCase(255, 48, 128, 33, true)]
    public void A_field_over_its_limit_is_kept_and_makes_the_message_malformed(int host, int app, int procId, int msgId, bool isMalformed)
    {
        string fields = $"{new string('h', host)}|{new string('a', app)}|{new string('p', procId)}|{new string('m', msgId)}";
        string frame = $"<13>1 {Now} {fields.Replace('|', ' ')} - x";
        Assert.That(Show(frame, HeaderFormat.Auto), Is.EqualTo($"13 1|{Now}|{fields}||x" + (isMalformed ? "!" : "")));
    }

    [TestCase(32, false)]
    [TestCase(33, true)]
    public void A_long_name_in_structured_data_is_kept_and_makes_the_message_malformed(int length, bool isMalformed)
    {
        string name = new('n', length);
        foreach (string data in (string[])[$"[{name}]", $"[a {name}=\"v\"]"])
        {
            string expected = $"13 1|{Now}|h|a|p|m|{data}|x" + (isMalformed ? "!" : "");
            Assert.That(Show($"<13>1 {Now} h a p m {data} x", HeaderFormat.Auto), Is.EqualTo(expected));
        }
    }

    [Test]
    public void A_frame_without_PRI_has_the_default_one()
    {
        SyslogParser.Parse("x"u8, HeaderFormat.Auto, out SyslogMessage message);
        Assert.That((int)message.Pri, Is.EqualTo(13));
        Assert.That(message.HasPri, Is.False);
        Assert.That((message.Facility, message.Severity), Is.EqualTo((Facility.User, Severity.Notice)));
    }

    private static string Show(string frame, HeaderFormat hint)
    {
        SyslogParser.Parse(Encoding.Latin1.GetBytes(frame), hint, out SyslogMessage message);
        Fields f = new(message);
        string pri = f.Pri is int value ? $"{value}" : "-";
        string mark = message.IsMalformed ? "!" : "";
        return $"{pri} {f.Version}|{f.Timestamp}|{f.HostName}|{f.AppName}|{f.ProcId}|{f.MsgId}|{f.StructuredData}|{f.Text}{mark}";
    }
}
