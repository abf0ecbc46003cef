using System.IO.Compression;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.FrameScanning;

/// <summary>What a hint is given for, and what never gets one. Real TLS, HTTP and rsyslog's compression are in <c>Peers/ForeignSenderTests.cs</c>.</summary>
internal sealed class ForeignBytesTests
{
    [TestCase("POST /_bulk HTTP/1.1\r\n", nameof(ForeignProtocol.Http))]
    [TestCase("PRI * HTTP/2.0\r\n\r\nSM", nameof(ForeignProtocol.Http))]
    [TestCase("PROXY UNKNOWN\r\n", nameof(ForeignProtocol.ProxyProtocol))]
    [TestCase("\u0016\u0003\u0001\u0002\0\u0001", nameof(ForeignProtocol.Tls))]
    [TestCase("\u001F\u008B\b\0", nameof(ForeignProtocol.Compressed))]
    [TestCase("GET", nameof(ForeignProtocol.None))]
    [TestCase("", nameof(ForeignProtocol.None))]
    [TestCase("x^2 + y^2", nameof(ForeignProtocol.None))]
    [TestCase("zx", nameof(ForeignProtocol.None))]
    [TestCase("GET out of here", nameof(ForeignProtocol.None))]
    [TestCase("99999999999999999999", nameof(ForeignProtocol.None))]
    public void Recognized(string first, string expected) =>
        Assert.That(ForeignBytes.Recognize(Encoding.Latin1.GetBytes(first)).ToString(), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("z")]
    public void Zlib_is_recognized_whatever_its_first_block_looks_like(string before)
    {
        string[] texts = ["<134>1 - h a 1 - - short", "24 <134>1 - h a 1 - - short", $"270 <134>Nov 28 01:02:03 app[1]: 0 {new string('x', 200)}", "91"];
        CompressionLevel[] levels = Enum.GetValues<CompressionLevel>();
        foreach (CompressionLevel level in levels)
        {
            foreach (string text in texts)
            {
                using MemoryStream stream = new();
                stream.Write(Encoding.ASCII.GetBytes(before));
                using (ZLibStream zlib = new(stream, level, leaveOpen: true)) zlib.Write(Encoding.ASCII.GetBytes(text));
                byte[] bytes = stream.ToArray();
                Assert.That(ForeignBytes.Recognize(bytes), Is.EqualTo(ForeignProtocol.Compressed), $"{level} {text}: {Convert.ToHexString(bytes)}");
            }
        }
    }

    [Test]
    public void No_real_syslog_is_taken_for_something_else()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Corpus.Directory, "streams"), "*.bin"))
        {
            byte[] bytes = File.ReadAllBytes(file);
            for (int length = 0; length <= Math.Min(bytes.Length, 64); length++)
                Assert.That(ForeignBytes.Recognize(bytes.AsSpan(0, length)), Is.EqualTo(ForeignProtocol.None), $"{file}, {length}");
        }
    }
}
