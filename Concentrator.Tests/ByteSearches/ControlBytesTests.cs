using Concentrator.Bytes;
using NUnit.Framework;

namespace Concentrator.Tests.ByteSearches;

internal sealed class ControlBytesTests
{
    [Test]
    public void A_control_byte_is_found_wherever_it_stands_in_a_text_of_any_length()
    {
        for (int length = 1; length < 200; length++)
        {
            byte[] text = new byte[length];
            Array.Fill(text, (byte)'x');
            Assert.That(ControlBytes.AreNotIn(text), $"{length} plain bytes");
            for (int at = 0; at < length; at++)
            {
                text[at] = (byte)'\n';
                Assert.That(ControlBytes.AreNotIn(text), Is.False, $"byte {at} of {length}");
                text[at] = (byte)'x';
            }
        }
    }

    [Test]
    public void Exactly_0_to_31_and_127_are_control_bytes()
    {
        byte[] text = new byte[40];
        for (int value = 0; value < 256; value++)
        {
            Array.Fill(text, (byte)' ');
            text[20] = (byte)value;
            Assert.That(ControlBytes.AreNotIn(text), Is.EqualTo(value is > 31 and not 127), $"byte {value}");
        }
    }

    [Test]
    public void An_empty_text_holds_none() => Assert.That(ControlBytes.AreNotIn([]));
}
