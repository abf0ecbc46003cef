using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Taps;
using Concentrator.Telemetry.Log;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Taps;

/// <summary>A sender's bytes as a terminal may have them.</summary>
[TestFixture]
internal sealed class VisibleTextTests
{
    private const string Key = "SomeKey0123456789";

    private static readonly KeyMask NoKeys = new();

    [TestCase("plain", "plain")]
    [TestCase("a\tb\nc\0", "a#011b#012c#000")]
    [TestCase("\u001b[31mred\u007f", "#033[31mred#177")]
    [TestCase("ä€😀", "ä€😀")]
    [TestCase("C1: \u0085\u009b31m", "C1: #302#205#302#23331m")]
    [TestCase("", "")]
    public void Control_bytes_are_visible_and_other_text_is_itself(string sent, string shown) =>
        Assert.That(VisibleText.Of(Encoding.UTF8.GetBytes(sent), NoKeys), Is.EqualTo(shown));

    [Test]
    public void Bytes_that_are_not_UTF_8_are_visible_one_by_one() =>
        Assert.That(VisibleText.Of([(byte)'a', 0xff, 0xc3, (byte)'b', 0xe2, 0x82], NoKeys), Is.EqualTo("a#377#303b#342#202"));

    [Test]
    public void No_bytes_at_all_give_a_character_that_a_terminal_obeys() => Prop.ForAll(
        Arb.From(Gen.Choose(0, 255).Select(static b => (byte)b).ArrayOf()),
        static bytes => !VisibleText.Of(bytes, NoKeys).Any(static c => char.IsControl(c) || char.IsSurrogate(c) && !char.IsHighSurrogate(c) && !char.IsLowSurrogate(c)))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Test]
    public void A_key_is_masked_wherever_a_message_has_it()
    {
        KeyMask keys = new();
        keys.Learn(new ServerOptions
        {
            Listeners = [],
            Outputs = [new RelayOutputOptions { Name = "relay", Endpoints = new RelayEndpoints([new RelayEndpoint("intake", 10514)]), IntakeKey = new Secret(Key) }],
            Routes = [],
        });
        Assert.That(VisibleText.Of(Encoding.UTF8.GetBytes($"[SEKOIA@53288 intake_key=\"{Key}\"] and {Key[..9]}\n"), keys), Is.EqualTo("[SEKOIA@53288 intake_key=\"Some…\"] and Some…#012"));
    }
}
