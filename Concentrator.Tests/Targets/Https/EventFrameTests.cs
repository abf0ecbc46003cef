using System.Text;
using Concentrator.Targets.Relays.Https;
using NUnit.Framework;

namespace Concentrator.Tests.Targets.Https;

/// <summary>What is taken out of a frame: the key, the time and the text, and never a key that a sender has put there.</summary>
internal sealed class EventFrameTests
{
    private const string Element = "[SEKOIA@53288 intake_key=\"abcdefgh12345678\"]";
    private const string Head = "<134>1 2026-11-22T05:38:11.123456+00:00 edge haproxy 1 LOG ";

    [TestCase(Head + Element + " text", "abcdefgh12345678", "text")]
    [TestCase(Head + Element + " ", "abcdefgh12345678", "")]
    [TestCase(Head + Element, "abcdefgh12345678", "")]
    [TestCase(Head + Element + " [SEKOIA@53288 intake_key=\"another\"] x", "abcdefgh12345678", "[SEKOIA@53288 intake_key=\"another\"] x")]
    [TestCase(Head + Element + "  two blanks", "abcdefgh12345678", " two blanks")]
    public void Of_a_frame_for_Sekoia_key_time_and_text_are_read(string message, string key, string text)
    {
        EventFrame frame = EventFrame.Read(Encoding.UTF8.GetBytes(message));
        Assert.That(
            (Encoding.UTF8.GetString(frame.Key), Encoding.UTF8.GetString(frame.Time), Encoding.UTF8.GetString(frame.Text)),
            Is.EqualTo((key, "2026-11-22T05:38:11.123456+00:00", text)));
    }

    [TestCase("")]
    [TestCase("text")]
    [TestCase("<134>1 - - - - - - text " + Element)]
    [TestCase("<134>Nov 22 05:38:11 edge haproxy[1]: " + Element + " text")]
    [TestCase(Head + "[SEKOIA@53288 intake_key=\"\"] text")]
    [TestCase(Head + "[SEKOIA@53288 intake_key=\"a b\"] text")]
    [TestCase(Head + "[SEKOIA@53288 intake_key=\"a\r\nX: y\"] text")]
    [TestCase(Head + "[SEKOIA@53288 intake_key=\"é\"] text")]
    [TestCase(Head + "[SEKOIA@53288 intake_key=\"a\" x=\"b\"] text")]
    [TestCase(Head + "[other@1] " + Element + " text")]
    public void Any_other_message_is_an_event_as_a_whole_and_has_no_key(string message)
    {
        EventFrame frame = EventFrame.Read(Encoding.UTF8.GetBytes(message));
        Assert.That((frame.Key.Length, frame.Time.Length, Encoding.UTF8.GetString(frame.Text)), Is.EqualTo((0, 0, message)));
    }

    [Test]
    public void A_frame_that_is_cut_anywhere_has_its_key_or_none()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Head + Element + " text");
        for (int length = 0; length < whole.Length; length++)
        {
            EventFrame frame = EventFrame.Read(whole.AsSpan(0, length));
            Assert.That(Encoding.UTF8.GetString(frame.Key), Is.EqualTo(length < (Head + Element).Length ? "" : "abcdefgh12345678"));
        }
    }

    [Test]
    public void A_key_is_at_most_as_long_as_the_configuration_lets_it_be()
    {
        Assert.That(EventFrame.Read(Encoding.UTF8.GetBytes($"{Head}[SEKOIA@53288 intake_key=\"{new string('k', 256)}\"] x")).Key.Length, Is.EqualTo(256));
        Assert.That(EventFrame.Read(Encoding.UTF8.GetBytes($"{Head}[SEKOIA@53288 intake_key=\"{new string('k', 257)}\"] x")).Key.Length, Is.Zero);
    }

    [TestCase("2026-11-22T05:38:11.123456+00:00", "2026-11-22T05:38:11+00:00")]
    [TestCase("2026-11-22T05:38:11Z", "2026-11-22T05:38:11+00:00")]
    [TestCase("2026-11-22T05:38:11.5+02:00", "2026-11-22T03:38:11+00:00")]
    [TestCase("-", null)]
    [TestCase("2026-11-22T05:38:99.123456+00:00", null)]
    [TestCase("yyyy-11-22T05:38:11.123456+00:00", null)]
    public void Times_are_read_to_the_second(string time, string? expected)
    {
        EventTime times = new();
        Assert.That(times.Read(Encoding.ASCII.GetBytes("2026-11-22T05:38:11.000000-01:00")), Is.Not.Null);
        DateTimeOffset? moment = times.Read(Encoding.ASCII.GetBytes(time));
        Assert.That(moment is { } read ? read.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:sszzz") : null, Is.EqualTo(expected));
        Assert.That(times.Read(Encoding.ASCII.GetBytes(time)), Is.EqualTo(moment));
    }
}
