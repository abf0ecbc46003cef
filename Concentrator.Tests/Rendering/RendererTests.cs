using System.Text;
using Concentrator.Messages.Rendering;
using NUnit.Framework;

namespace Concentrator.Tests.Rendering;

/// <summary>The exact bytes of every format.</summary>
internal sealed class RendererTests
{
    private const string Old = "<134>Nov 22 06:13:25 host haproxy[12]: text\n";
    private const string Modern = "<134>1 2026-11-22T06:13:25.5+05:45 host app 12 ID47 [a@1 b=\"c\"] text\n";
    private const string Bare = "<134>text\n";
    private const string Element = "[SEKOIA@53288 intake_key=\"KEY0123456789ABC\"]";
    private const string Masked = "[SEKOIA@53288 intake_key=\"KEY0...\"]";
    private const string At = Renderers.Received;
    private const string Bsd = Renderers.ReceivedBsd;
    private const string Sender = Renderers.Sender;

    [TestCase("sekoia", Old, $"109 <134>1 {At} host haproxy 12 LOG {Element} text")]
    [TestCase("sekoia", Modern, $"105 <134>1 {At} host app 12 LOG {Element} text")]
    [TestCase("sekoia", Bare, $"117 <134>1 {At} {Sender} - - LOG {Element} text")]
    [TestCase("rfc5424", Old, $"64 <134>1 {At} host haproxy 12 - - text")]
    [TestCase("rfc5424", Modern, $"73 <134>1 {At} host app 12 ID47 [a@1 b=\"c\"] text")]
    [TestCase("rfc5424", Bare, $"72 <134>1 {At} {Sender} - - - - text")]
    [TestCase("raw", Old, "43 <134>Nov 22 06:13:25 host haproxy[12]: text")]
    [TestCase("raw", Modern, "68 <134>1 2026-11-22T06:13:25.5+05:45 host app 12 ID47 [a@1 b=\"c\"] text")]
    [TestCase("raw", Bare, "9 <134>text")]
    [TestCase("traditional-line", Old, $"{Bsd} host haproxy[12]: text\n")]
    [TestCase("traditional-line", Modern, $"{Bsd} host app[12]: text\n")]
    [TestCase("traditional-line", Bare, $"{Bsd} {Sender} text\n")]
    [TestCase("rfc3339-line", Old, $"{At} host haproxy[12]: text\n")]
    [TestCase("rfc3339-line", Modern, $"{At} host app[12]: text\n")]
    [TestCase("rfc3339-line", Bare, $"{At} {Sender} text\n")]
    [TestCase("rfc5424-line", Old, $"<134>1 {At} host haproxy 12 - - text\n")]
    [TestCase("rfc5424-line", Modern, $"<134>1 {At} host app 12 ID47 [a@1 b=\"c\"] text\n")]
    [TestCase("rfc5424-line", Bare, $"<134>1 {At} {Sender} - - - - text\n")]
    [TestCase("raw-line", Old, "<134>Nov 22 06:13:25 host haproxy[12]: text\n")]
    [TestCase("raw-line", Modern, "<134>1 2026-11-22T06:13:25.5+05:45 host app 12 ID47 [a@1 b=\"c\"] text\n")]
    [TestCase("raw-line", Bare, "<134>text\n")]
    [TestCase("debug-lines", Old, $"[Input Techno1] <134>Nov 22 06:13:25 host haproxy[12]: text\n[Output Techno1] <134>1 {At} host haproxy 12 LOG {Masked} text\n")]
    [TestCase("debug-lines", "<134>a\n[Output Techno1] b", $"[Input Techno1] <134>a#012[Output Techno1] b\n[Output Techno1] <134>1 {At} {Sender} - - LOG {Masked} a#012[Output Techno1] b\n")]
    // With the sender's own time, where it has one.
    [TestCase("sekoia", Modern, $"105 <134>1 2026-11-22T06:13:25.500000+05:45 host app 12 LOG {Element} text", TimestampSource.Message)]
    [TestCase("rfc5424", Old, $"64 <134>1 {At} host haproxy 12 - - text", TimestampSource.Message)]
    [TestCase("traditional-line", Modern, "Nov 22 06:13:25 host app[12]: text\n", TimestampSource.Message)]
    [TestCase("traditional-line", Old, $"{Bsd} host haproxy[12]: text\n", TimestampSource.Message)]
    [TestCase("rfc3339-line", Modern, "2026-11-22T06:13:25.500000+05:45 host app[12]: text\n", TimestampSource.Message)]
    [TestCase("rfc5424-line", Modern, "<134>1 2026-11-22T06:13:25.500000+05:45 host app 12 ID47 [a@1 b=\"c\"] text\n", TimestampSource.Message)]
    public void Exact_bytes(string renderer, string frame, string expected, TimestampSource source = TimestampSource.Received) =>
        Assert.That(Renderers.Render(renderer, frame, source: source), Is.EqualTo(expected));

    // What rsyslog 8.2302 wrote for the same messages with its traditional template, leading blanks of the text and DEL apart.
    [TestCase("h app[12]: ctl \u0000\u0001\t\u001B\u001F \u007F hi \u0080\u009F\u00FF end", "h app[12]: ctl #000#001#011#033#037 #177 hi \u0080\u009F\u00FF end")]
    [TestCase("h app[12]: two\nlines", "h app[12]: two#012lines")]
    [TestCase("h app: no pid", "h app: no pid")]
    [TestCase("h app[12]:no blank", "h app[12]: no blank")]
    [TestCase("h my app[12]: x", "h my app[12]: x")]
    [TestCase("h lb/edge[12]: x", "h lb/edge[12]: x")]
    [TestCase("h app[12]: a #012 literal", "h app[12]: a #012 literal")]
    [TestCase("h app[12]: ", "h app[12]: ")]
    [TestCase("node.example.test text without tag", "node.example.test text without tag")]
    [TestCase("h app[12]:    blanks", "h app[12]: blanks")]
    [TestCase("h app[12]: \tblanks", "h app[12]: blanks")]
    [TestCase("h app[12]: end\r\n\0\n", "h app[12]: end")]
    public void A_traditional_line_reads(string afterDate, string expected) =>
        Assert.That(Renderers.Render("traditional-line", $"<134>Nov 22 06:13:25 {afterDate}"), Is.EqualTo($"{Bsd} {expected}\n"));

    [TestCase("<134>1 - h - 12 - - x", "h -[12]: x")]
    [TestCase("<134>1 - h a - - - x", "h a: x")]
    [TestCase("<134>1 - h\tt a\nb 1\n2 - - x", "h#011t a#012b[1#0122]: x")]
    [TestCase("<134>1 - h a 1 - - \u00EF\u00BB\u00BFx", "h a[1]: \u00EF\u00BB\u00BFx")]
    [TestCase("no header\nat all", $"{Sender} no header#012at all")]
    public void A_traditional_line_of_another_header_reads(string frame, string expected) =>
        Assert.That(Renderers.Render("traditional-line", frame), Is.EqualTo($"{Bsd} {expected}\n"));

    [TestCase("<134>1 - h\tt a\nb 1\n2 m\0n [a b=\"l\nf\"] x\ny", "h_t a_b 1_2 m_n [a b=\"l#012f\"] x#012y", TestName = "Control_bytes_in_an_RFC_5424_line")]
    [TestCase("<134>1 - h a 1 - - ", "h a 1 - - ", TestName = "An_empty_text_in_an_RFC_5424_line")]
    public void An_RFC_5424_line_reads(string frame, string expected) =>
        Assert.That(Renderers.Render("rfc5424-line", frame), Is.EqualTo($"<134>1 {At} {expected}\n"));

    [TestCase("<134>Nov 22 06:13:25 host my app[12]: x", "host my_app 12 - - x", TestName = "A_blank_in_APP_NAME_becomes_an_underscore")]
    [TestCase("<134>1 - h\tt a\nb 1\u007F2 m\0n [a b=\"l\nf\"] x\ny", "h_t a_b 1_2 m_n [a b=\"l\nf\"] x\ny", TestName = "Control_bytes_in_a_frame_stay_only_in_data_and_text")]
    [TestCase("<134>1 - h r\u00C3\u00A9p 1 - - x", "h r\u00C3\u00A9p 1 - - x", TestName = "UTF8_in_APP_NAME_stays")]
    [TestCase("<134>1 - h a 1 - broken x", "h a 1 - - broken x", TestName = "Broken_structured_data_is_text")]
    public void An_RFC_5424_frame_reads(string frame, string expected)
    {
        string body = $"<134>1 {At} {expected}";
        Assert.That(Renderers.Render("rfc5424", frame), Is.EqualTo($"{body.Length} {body}"));
    }

    [TestCase("<134>Nov 22 06:13:25 h app[12]:   some text\n", "some text")]
    [TestCase("<134>1 - h a 1 - - x\ty", "x#011y")]
    public void A_message_line_is_the_text_alone(string frame, string expected) =>
        Assert.That(Renderers.Render("message-line", frame), Is.EqualTo($"{expected}\n"));

    [TestCase("<134>Nov 22 06:13:25 h app[12]: say \"a\\b\"\t\u0001", "\"host\":\"h\",\"program\":\"app\",\"pid\":\"12\",\"facility\":\"local0\",\"severity\":\"info\",\"message\":\"say \\\"a\\\\b\\\"\\t\\u0001\"}")]
    [TestCase("<11>1 - h a - ID [x y=\"z\"] t", "\"host\":\"h\",\"program\":\"a\",\"pid\":\"\",\"msgid\":\"ID\",\"structured_data\":\"[x y=\\\"z\\\"]\",\"facility\":\"user\",\"severity\":\"err\",\"message\":\"t\"}")]
    public void A_JSON_line_has_this_shape(string frame, string expected) =>
        Assert.That(Renderers.Render("json-line", frame), Is.EqualTo($"{{\"timestamp\":\"{Renderers.Received}\",{expected}\n"));

    [Test]
    public void Header_fields_are_cut_at_their_limits_in_frames()
    {
        string frame = $"<134>1 - {new string('h', 300)} {new string('a', 300)} {new string('p', 300)} {new string('m', 300)} - x";
        string expected = $"{new string('h', 255)} {new string('a', 48)} {new string('p', 128)} {new string('m', 32)} - x";
        Assert.That(Renderers.Render("rfc5424", frame), Does.EndWith($" {expected}"));
    }

    [Test]
    public void No_sender_can_bring_an_intake_key()
    {
        string frame = $"<134>1 - h a 1 - [SEKOIA@53288 intake_key=\"FORGED0000000000\"][x y=\"z\"] text";
        string rendered = Renderers.Render("sekoia", frame);
        Assert.That(rendered, Does.EndWith($" h a 1 LOG {Element} text"));
        Assert.That(rendered, Does.Not.Contain("FORGED").And.Not.Contain("[x"));
    }

    [Test]
    public void Broken_structured_data_cannot_bring_an_intake_key_either()
    {
        string rendered = Renderers.Render("sekoia", "<134>1 - h a 1 - [SEKOIA@53288 intake_key=\"FORGED0000000000\" text");
        int end = rendered.IndexOf(Element, StringComparison.Ordinal) + Element.Length;
        Assert.That(rendered[end..], Is.EqualTo(" _SEKOIA@53288 intake_key=\"FORGED0000000000\" text"), "it is text, behind our element");
    }

    [Test]
    public void A_key_that_is_no_key_stays_inside_its_quotes()
    {
        SekoiaFrame renderer = new(TimestampSource.Received, "a\"b]c\\d");
        string rendered = Encoding.Latin1.GetString(Renderers.Render(renderer, "<134>x"u8));
        Assert.That(rendered, Does.EndWith(" LOG [SEKOIA@53288 intake_key=\"a\\\"b\\]c\\\\d\"] x"));
    }

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("\0\r\n")]
    public void A_raw_frame_of_nothing_is_not_rendered_because_length_zero_is_not_allowed(string frame) =>
        Assert.That(Renderers.Render("raw", frame), Is.Empty);

    [Test]
    public void A_raw_frame_keeps_every_byte_but_the_terminators_at_its_end() =>
        Assert.That(Renderers.Render("raw", " \t<134>x\n\0\r y \r\n\0"), Is.EqualTo("14  \t<134>x\n\0\r y "));

    [Test]
    public void A_raw_line_is_one_line() =>
        Assert.That(Renderers.Render("raw-line", "<134>a\n<0>b\r\n"), Is.EqualTo("<134>a#012<0>b\n"));
}
