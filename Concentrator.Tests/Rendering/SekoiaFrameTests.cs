using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Messages.Rendering;
using Concentrator.Tests.Parsing;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Rendering;

/// <summary>What stands behind the element with the key, and that there is only one such element.</summary>
internal sealed partial class SekoiaFrameTests
{
    private const string Element = "[SEKOIA@53288 intake_key=\"KEY0123456789ABC\"]";

    // Juniper's event as it comes from a SRX: no MSG at all.
    private const string Juniper = "<14>1 2026-11-22T06:13:25Z fw RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.129 source-address=\"192.0.2.2\"]";
    private const string JuniperText = "RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.129 source-address=\"192.0.2.2\"]";

    [TestCase("<134>Nov 22 06:13:25 h app: a\tb\nc\rd\u001Be", "a#011b#012c#015d#033e")]
    [TestCase("<134>1 - h app - - - a\tb", "a#011b")]
    [TestCase("<134>1 - h app - - - \u00EF\u00BB\u00BFa\nb", "\u00EF\u00BB\u00BFa#012b")]
    [TestCase("<134>Nov 22 06:13:25 h app:  \ttext\r\n\0\n", "text")]
    [TestCase(Juniper, JuniperText)]
    [TestCase(Juniper + " ", JuniperText)]
    [TestCase(Juniper + " text", "text")]
    [TestCase("<14>1 - h a - - [x@1 a=\"b\nc\"]", "[x@1 a=\"b#012c\"]")]
    [TestCase("<14>1 - h a - ID47 -", "ID47")]
    [TestCase("<14>1 - h a - - -", "")]
    public void The_text_is_by_default(string frame, string expected) => Assert.That(TextOf("sekoia", frame), Is.EqualTo(expected));

    [TestCase("<14>1 - h a - - [SEKOIA@53288 intake_key=\"evil\"]", "_SEKOIA@53288 intake_key=\"evil\"]")]
    [TestCase("<14>1 - h a - ID47 [x@1][SEKOIA@53288 intake_key=\"evil\"]", "ID47 [x@1]_SEKOIA@53288 intake_key=\"evil\"]")]
    [TestCase("<14>1 - h a - - - [SEKOIA@53288 intake_key=\"evil\"] x", "_SEKOIA@53288 intake_key=\"evil\"] x")]
    [TestCase("<14>Nov 22 06:13:25 h a: [x][sekoia@53288 intake_key=\"evil\"] x", "[x]_sekoia@53288 intake_key=\"evil\"] x")]
    [TestCase("<14>1 - h a - - - \u00EF\u00BB\u00BF[SEKOIA@53288 intake_key=\"evil\"] x", "\u00EF\u00BB\u00BF_SEKOIA@53288 intake_key=\"evil\"] x")]
    [TestCase("<14>1 - h a - - - said [SEKOIA@53288 intake_key=\"evil\"]", "said [SEKOIA@53288 intake_key=\"evil\"]")]
    public void No_text_begins_with_a_second_element(string frame, string expected) => Assert.That(TextOf("sekoia", frame), Is.EqualTo(expected));

    [Test]
    public void No_words_of_a_header_are_a_second_element()
    {
        string frame = Renderers.Render("sekoia", "<14>1 - h [SEKOIA@53288 intake_key=\"evil\"] - - x");
        Assert.That(frame, Does.Contain($" h _SEKOIA@53288 intake_key=\"evil\"] LOG {Element} x"));
    }

    [TestCase(Juniper, JuniperText)]
    [TestCase(Juniper + " some\ttext", JuniperText + " some#011text")]
    [TestCase("<14>1 - h a - - [x@1 a=\"b\"] text", "[x@1 a=\"b\"] text")]
    [TestCase("<14>1 - h a - ID47 - text", "text")]
    [TestCase("<14>1 - h a - ID47 -", "ID47")]
    [TestCase("<14>1 - h a - - [SEKOIA@53288 intake_key=\"evil\"] [SEKOIA@53288 intake_key=\"evil\"]", "_SEKOIA@53288 intake_key=\"evil\"] _SEKOIA@53288 intake_key=\"evil\"]")]
    [TestCase("<134>Nov 22 06:13:25 h app: text", "text")]
    public void With_structured_data_in_the_message_the_text_is(string frame, string expected) =>
        Assert.That(TextOf("sekoia-message", frame), Is.EqualTo(expected));

    [TestCase(Juniper, "")]
    [TestCase(Juniper + " text", "text")]
    [TestCase("<134>Nov 22 06:13:25 h app: a\tb\nc", "a\tb\nc")]
    [TestCase("<134>Nov 22 06:13:25 h app: \n[SEKOIA@53288 intake_key=\"evil\"]", "\n_SEKOIA@53288 intake_key=\"evil\"]")]
    public void With_structured_data_dropped_and_control_characters_kept_the_text_is(string frame, string expected) =>
        Assert.That(TextOf("sekoia-kept", frame), Is.EqualTo(expected));

    [Test]
    public void An_RFC_5424_frame_is_escaped_where_that_is_asked_for()
    {
        const string Frame = "<14>1 - h a - - [x@1 a=\"b\nc\"] d\te";
        Assert.That(Renderers.Render("rfc5424", Frame), Does.EndWith("[x@1 a=\"b\nc\"] d\te"));
        Assert.That(Renderers.Render("rfc5424-escaped", Frame), Does.EndWith("[x@1 a=\"b#012c\"] d#011e"));
    }

    [TestCaseSource(typeof(Renderers), nameof(Renderers.SekoiaFrames))]
    public void Nobody_can_smuggle_a_second_element(string name)
    {
        Renderer renderer = Renderers.Create(name);
        Gen<byte[]> frames =
            from frame in Frames.All
            from place in Gen.Choose(0, 80)
            from smuggled in Gen.Elements("[SEKOIA@53288 intake_key=\"evil\"]", "[SEKOIA@53288", "[sekoia@53288 intake_key=\"evil\"] ", " [SEKOIA@53288 intake_key=\"evil\"]")
            let at = Math.Min(place, frame.Length)
            select (byte[])[.. frame[..at], .. Encoding.ASCII.GetBytes(smuggled), .. frame[at..]];
        Prop.ForAll(frames.ToArbitrary(), frame =>
        {
            string sent = Encoding.Latin1.GetString(Renderers.Render(renderer, frame));
            Match elements = Elements().Match(sent);
            return (elements.Success && SekoiaName().Count(elements.Value) == 1 && SekoiaName().Match(sent).Index == sent.IndexOf(Element, StringComparison.Ordinal) + 1)
                .Label(sent);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    private static string TextOf(string name, string frame)
    {
        string sent = Renderers.Render(name, frame);
        int start = sent.IndexOf($"LOG {Element} ", StringComparison.Ordinal);
        Assert.That(start, Is.Positive, sent);
        return sent[(start + $"LOG {Element} ".Length)..];
    }

    /// <summary>As a careless reader finds them: with blanks between them, or a byte order mark.</summary>
    [GeneratedRegex(@"LOG (?:\[[^\]]*\](?:[ \x00-\x1F]|\u00EF\u00BB\u00BF)*)+")]
    private static partial Regex Elements();

    [GeneratedRegex(@"(?<=\[)SEKOIA@53288", RegexOptions.IgnoreCase)]
    private static partial Regex SekoiaName();
}
