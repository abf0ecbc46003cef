using Concentrator.Bytes;
using NUnit.Framework;

namespace Concentrator.Tests.ByteSearches;

internal sealed class ByteMaskTests
{
    [Test]
    public void Every_place_of_a_byte_has_its_bit_and_no_other_whatever_the_length()
    {
        Random random = new(7);
        for (int length = 0; length <= 130; length++)
        {
            for (int n = 0; n < 50; n++)
            {
                byte[] text = new byte[length];
                for (int at = 0; at < length; at++) text[at] = random.Next(3) == 0 ? (byte)' ' : (byte)('!' + random.Next(90));
                ulong expected = 0;
                for (int at = 0; at < Math.Min(length, ByteMask.Length); at++)
                    if (text[at] == ' ') expected |= 1UL << at;
                Assert.That(ByteMask.Of(text, (byte)' '), Is.EqualTo(expected), $"{length}");
            }
        }
    }
}
