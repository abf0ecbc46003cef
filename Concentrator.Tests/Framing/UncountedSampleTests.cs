using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.FrameScanning;

/// <summary>What real programs wrote over one connection, whole and cut at every byte, where nobody has said how they end messages.</summary>
internal sealed class UncountedSampleTests
{
    private const string Glibc = "<131>Nov 29 01:44:49 app[26092]: ";
    private const string Perl = "Nov 29 01:44:49 app[26090]: ";

    [TestCase(
        "cpython-3.11.nul-traceback-first.bin",
        "<131>app[1]: first\nTraceback (most recent call last):\n  File \"a.py\", line 1\nValueError: x", "<132>app[1]: second",
        "<134>app[1]: third", "<134>fourth, without a tag")]
    [TestCase("glibc-2.36.nul.bin", Glibc + "first", Glibc + "second", Glibc + "third\nwith a line", Glibc + "fourth")]
    [TestCase("perl-0.36.lf-nul.bin", "<131>" + Perl + "first", "<132>" + Perl + "second\nwith a line", "<134>" + Perl + "third")]
    public void Every_message_is_a_frame_wherever_the_stream_is_cut(string file, params string[] expected)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Corpus.Directory, "streams", file));
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            List<string> found = FrameList.Of(Framing.Auto, 64 * 1024, [bytes[..cut], bytes[cut..]]);
            Assert.That(found, Is.EqualTo(expected), $"cut at {cut}");
        }
        Assert.That(FrameList.Of(Framing.Auto, 64 * 1024, bytes.Select(static b => new[] { b })), Is.EqualTo(expected), "byte by byte");
        Assert.That(SlowInferredFrames.Of(Encoding.Latin1.GetString(bytes), bothEnd: false, 64 * 1024), Is.EqualTo(expected));
    }
}
