using System.Text;
using Concentrator.Bench.Measure;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

[TestFixture]
internal sealed class SendStampTests
{
    [Test]
    public void A_stamp_is_found_wherever_it_stands() =>
        Prop.ForAll<ushort, uint, string>((sender, number, around) =>
        {
            byte[] before = Encoding.UTF8.GetBytes(around ?? "");
            byte[] message = [.. before, .. Written(new SendStamp(sender, number, 0x0123456789abcdef)), .. before];
            int place = 7;
            return SendStamp.TryFind(message, ref place, out SendStamp found)
                && found == new SendStamp(sender, number, 0x0123456789abcdef) && place == before.Length;
        }).Check(Config.QuickThrowOnFailure);

    [Test]
    public void Its_text_is_always_as_long() => Assert.Multiple(() =>
    {
        Assert.That(Encoding.ASCII.GetString(Written(new SendStamp(0, 0, 0))), Is.EqualTo("~0000000000000000000000000000~"));
        Assert.That(
            Encoding.ASCII.GetString(Written(new SendStamp(ushort.MaxValue, uint.MaxValue, 255))), Is.EqualTo("~ffffffffffff00000000000000ff~"));
    });

    [TestCase("")]
    [TestCase("~")]
    [TestCase("a message with ~ and /~user signs")]
    [TestCase("~000000000000000000000000000g~")]
    [TestCase("~000000000000000000000000000~")]
    public void What_is_no_stamp_is_none(string text)
    {
        int place = 0;
        Assert.That(SendStamp.TryFind(Encoding.UTF8.GetBytes(text), ref place, out _), Is.False);
    }

    private static byte[] Written(SendStamp stamp)
    {
        byte[] text = new byte[SendStamp.Length];
        stamp.Write(text);
        return text;
    }
}
