using System.Buffers;
using Concentrator.Messages.FrameScanning;
using NUnit.Framework;

namespace Concentrator.Tests.FrameScanning;

/// <summary>Real streams, whole, cut at every byte, and one byte a piece.</summary>
[TestFixtureSource(typeof(StreamSample), nameof(StreamSample.All))]
internal sealed class StreamSampleTests(StreamSample sample)
{
    private const int MaxMessageSize = 64 * 1024;

    private readonly List<string> _whole = FrameList.Of(sample.Framing, MaxMessageSize, [sample.Bytes]);

    [Test]
    public void It_holds_the_frames_that_were_sent_but_for_the_empty_ones()
    {
        Assert.That(_whole, Has.Count.EqualTo(sample.Frames - CountEmpty()));
        Assert.That(_whole, Is.EqualTo(SlowFrames.Of(sample.Framing, MaxMessageSize, sample.Bytes)));
    }

    [Test]
    public void Its_first_byte_tells_its_framing() =>
        Assert.That(FrameList.Of(Framing.Auto, MaxMessageSize, [sample.Bytes]), Is.EqualTo(_whole));

    [Test]
    public void Cut_at_any_byte_it_holds_the_same_frames()
    {
        for (int cut = 0; cut <= sample.Bytes.Length; cut++)
        {
            List<string> found = FrameList.Of(sample.Framing, MaxMessageSize, [sample.Bytes[..cut], sample.Bytes[cut..]]);
            Assert.That(found, Is.EqualTo(_whole), $"cut at {cut}");
        }
    }

    [Test]
    public void Byte_by_byte_it_holds_the_same_frames() =>
        Assert.That(FrameList.Of(sample.Framing, MaxMessageSize, sample.Bytes.Select(static b => new[] { b })), Is.EqualTo(_whole));

    [Test]
    public void In_pieces_of_one_byte_it_holds_the_same_frames() =>
        Assert.That(FrameList.Of(sample.Framing, MaxMessageSize, [sample.Bytes], pieceSize: 1), Is.EqualTo(_whole));

    [Test]
    public void An_incomplete_frame_is_left_in_the_buffer_whole()
    {
        for (int cut = 0; cut <= sample.Bytes.Length; cut++)
        {
            FrameScanner scanner = new(sample.Framing, MaxMessageSize);
            ReadOnlySequence<byte> buffer = new(sample.Bytes, 0, cut);
            FrameStatus status;
            while ((status = scanner.TryRead(ref buffer, out _, out _)) == FrameStatus.Frame)
            {
            }
            Assert.That(status, Is.EqualTo(FrameStatus.NeedMore));
            byte[] left = buffer.ToArray();
            status = scanner.TryRead(ref buffer, out _, out _);
            Assert.That(status, Is.EqualTo(FrameStatus.NeedMore));
            Assert.That(buffer.ToArray(), Is.EqualTo(left), $"cut at {cut}");
            // All that is left begins with the start of a frame: a fresh scanner finds the rest of the stream from there.
            byte[] rest = [.. left, .. sample.Bytes[cut..]];
            List<string> tail = FrameList.Of(sample.Framing, MaxMessageSize, [rest]);
            Assert.That(tail, Is.EqualTo(_whole[^tail.Count..]), $"cut at {cut}");
        }
    }

    // From the sample's own bytes, without a scanner. A line of one CR is empty too.
    private int CountEmpty()
    {
        if (sample.Framing == Framing.Lf)
            return System.Text.Encoding.Latin1.GetString(sample.Bytes).Split('\n')[..^1].Count(static line => line is "" or "\r");
        int empty = 0;
        for (int position = 0; position < sample.Bytes.Length;)
        {
            int length = 0;
            for (; sample.Bytes[position] != ' '; position++)
                length = length * 10 + (sample.Bytes[position] - '0');
            position += 1 + length;
            empty += length == 0 ? 1 : 0;
        }
        return empty;
    }
}
