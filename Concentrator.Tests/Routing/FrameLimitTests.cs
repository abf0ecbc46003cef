using System.Text;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;
using Concentrator.Routing;
using Concentrator.Tests.Rendering;
using NUnit.Framework;

namespace Concentrator.Tests.Routing;

/// <summary>A frame that is too long for its receiver is cut to fit, and never within a character.</summary>
internal sealed class FrameLimitTests
{
    private const int Limit = 2048;
    private const string Header = "<13>1 2026-11-22T06:13:25Z host app - id ";

    private static string Fit(string renderer, string frame, out int before)
    {
        Renderer made = Renderers.Create(renderer);
        SyslogParser.Parse(Encoding.UTF8.GetBytes(frame), HeaderFormat.Auto, out SyslogMessage message);
        Reception reception = Renderers.Reception;
        before = made.Measure(message, reception);
        int length = FrameLimit.Shorten(ref message, reception, made, before, Limit);
        byte[] room = new byte[length];
        Assert.That((made.Measure(message, reception), made.Write(message, reception, room)), Is.EqualTo((length, length)));
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(room);
    }

    private static readonly string[] Renderings = Renderers.Frames;

    [Test]
    public void A_cut_frame_has_the_limits_length_to_a_character([ValueSource(nameof(Renderings))] string renderer, [Values("x", "é", "€", "😀")] string character, [Values(0, 1, 2, 3)] int shift)
    {
        string text = new string('a', shift) + string.Concat(Enumerable.Repeat(character, 3000));
        string cut = Fit(renderer, Header + "- " + text, out int before);
        int bytes = Encoding.UTF8.GetByteCount(cut);
        Assert.That(before, Is.GreaterThan(Limit));
        Assert.That(bytes, Is.InRange(Limit - Encoding.UTF8.GetByteCount(character), Limit));
        Assert.That(text, Does.StartWith(cut[(cut.LastIndexOf(' ') + 1)..]));
        Assert.That(cut[(cut.IndexOf(' ', StringComparison.Ordinal) + 1)..], Has.Length.GreaterThan(300));
    }

    [TestCase("\n\n\n")]
    [TestCase("\u0000")]
    public void What_is_left_off_the_end_of_a_text_does_not_count(string end)
    {
        string text = new string('a', 5000) + end;
        foreach (string renderer in Renderings) Assert.That(Fit(renderer, Header + "- " + text, out _), Has.Length.InRange(Limit - 1, Limit));
    }

    [Test]
    public void Structured_data_that_leaves_no_room_is_left_out_and_the_text_kept()
    {
        string data = $"[x@1 y=\"{new string('z', 3000)}\"]";
        string cut = Fit("rfc5424", Header + data + " the text", out _);
        Assert.That(cut, Does.EndWith(" id - the text"));
    }

    /// <summary>Where it stands as the text, or in front of it, it is all that there may be.</summary>
    [Test]
    public void Structured_data_that_is_shown_as_text_is_cut_as_text_is(
        [Values("sekoia", "sekoia-message", "sekoia-message-kept")] string renderer, [Values("z", "é", "😀")] string character, [Values("", " ", "\n", "  the text")] string text)
    {
        if (renderer == "sekoia" && text.Contains("text", StringComparison.Ordinal)) return;
        string value = string.Concat(Enumerable.Repeat(character, 3000));
        string cut = Fit(renderer, $"{Header}[x@1 y=\"{value}\"]{(text.Length > 0 ? " " : "")}{text}", out _);

        // Where a text stood behind it, the blank between them went with it.
        Assert.That(Encoding.UTF8.GetByteCount(cut), Is.InRange(Limit - Encoding.UTF8.GetByteCount(character) - 1, Limit));
        Assert.That($"id [x@1 y=\"{value}", Does.StartWith(cut[cut.IndexOf("id [x@1", StringComparison.Ordinal)..]));
    }

    [Test]
    public void Structured_data_that_fits_stays_and_the_text_is_cut()
    {
        string cut = Fit("rfc5424", Header + "[x@1 y=\"z\"] " + new string('t', 3000), out _);
        Assert.That(cut, Has.Length.EqualTo(Limit));
        Assert.That(cut, Does.Contain("[x@1 y=\"z\"] ttt"));
    }

    [Test]
    public void Bytes_that_are_no_UTF_8_are_cut_anywhere()
    {
        byte[] frame = [.. Encoding.ASCII.GetBytes(Header + "- "), .. Enumerable.Repeat((byte)0x80, 5000)];
        Renderer renderer = Renderers.Create("rfc5424");
        SyslogParser.Parse(frame, HeaderFormat.Auto, out SyslogMessage message);
        Reception reception = Renderers.Reception;
        Assert.That(FrameLimit.Shorten(ref message, reception, renderer, renderer.Measure(message, reception), Limit), Is.EqualTo(Limit));
    }
}
