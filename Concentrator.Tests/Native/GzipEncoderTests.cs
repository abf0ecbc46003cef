using System.IO.Compression;
using System.Text;
using Concentrator.Native;
using NUnit.Framework;

namespace Concentrator.Tests.Native;

internal sealed class GzipEncoderTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(5_000_000)]
    public void What_is_compressed_is_the_same_again_and_one_encoder_serves_many(int length)
    {
        using GzipEncoder encoder = new(1);
        byte[] text = new byte[length], noise = new byte[length];
        for (int i = 0; i < length; i++) text[i] = (byte)('a' + i % 26 * (i / 1000 % 3));
        new Random(7).NextBytes(noise);
        foreach (byte[] source in new[] { text, noise, text })
        {
            byte[] packed = new byte[encoder.MostFor(length)];
            int size = encoder.Encode(source, packed);
            Assert.That(size, Is.InRange(1, packed.Length));
            using MemoryStream plain = new();
            using (GZipStream gzip = new(new MemoryStream(packed, 0, size), CompressionMode.Decompress)) gzip.CopyTo(plain);
            Assert.That(plain.ToArray().AsSpan().SequenceEqual(source));
        }
    }

    [Test]
    public void What_does_not_fit_is_said_and_the_encoder_goes_on()
    {
        using GzipEncoder encoder = new(1);
        byte[] noise = new byte[10_000];
        new Random(7).NextBytes(noise);
        Assert.That(encoder.Encode(noise, new byte[100]), Is.EqualTo(-1));
        byte[] packed = new byte[encoder.MostFor(5)];
        int size = encoder.Encode("hello"u8, packed);
        using StreamReader reader = new(new GZipStream(new MemoryStream(packed, 0, size), CompressionMode.Decompress), Encoding.ASCII);
        Assert.That(reader.ReadToEnd(), Is.EqualTo("hello"));
    }
}
