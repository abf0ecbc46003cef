using System.Buffers;
using System.Text;
using Concentrator.Messages;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;
using Concentrator.Messages.Timestamps;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.FrameScanning;
using Concentrator.Tests.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Rendering;

/// <summary>Between a received batch and its rendered bytes nothing is allocated.</summary>
internal sealed class AllocationTests
{
    private static readonly byte[][] Samples =
        [.. Corpus.Messages.Select(static m => m.Frame), .. HeaderShapes.All.Select(static shape => Encoding.Latin1.GetBytes(shape.Frame))];

    private static readonly HeaderFormat[] Hints = Enum.GetValues<HeaderFormat>();

    [Test]
    public void Parsing_allocates_nothing() => AssertAllocatesNothing(static () =>
    {
        foreach (byte[] sample in Samples)
        {
            foreach (HeaderFormat hint in Hints)
            {
                SyslogParser.Parse(sample, hint, out SyslogMessage message);
                SentTime.TryRead(message.Timestamp, out _);
            }
        }
    });

    [TestCaseSource(typeof(Renderers), nameof(Renderers.All))]
    public void Rendering_allocates_nothing(string name)
    {
        Renderer renderer = Renderers.Create(name, TimestampSource.Message);
        byte[] room = new byte[1 << 20];
        AssertAllocatesNothing(() =>
        {
            foreach (byte[] sample in Samples)
            {
                SyslogParser.Parse(sample, HeaderFormat.Auto, out SyslogMessage message);
                Reception reception = Renderers.Reception;
                renderer.Write(message, reception, room.AsSpan(0, renderer.Measure(message, reception)));
            }
        });
    }

    [Test]
    public void Finding_frames_allocates_nothing()
    {
        StreamSample[] streams = [.. StreamSample.All];
        ReadOnlySequence<byte>[] whole = [.. streams.Select(static s => new ReadOnlySequence<byte>(s.Bytes))];
        ReadOnlySequence<byte>[] pieces = [.. streams.Select(static s => Sequences.Pieces(s.Bytes, 100))];
        int frames = 0;
        AssertAllocatesNothing(() =>
        {
            for (int i = 0; i < streams.Length; i++)
            {
                frames += Count(streams[i].Framing, whole[i]);
                frames += Count(streams[i].Framing, pieces[i]);
            }
        });
        Assert.That(frames, Is.GreaterThan(0));
    }

    private static int Count(Framing framing, ReadOnlySequence<byte> stream)
    {
        FrameScanner scanner = new(framing, 64 * 1024);
        int frames = 0;
        while (scanner.TryRead(ref stream, out _, out _) == FrameStatus.Frame)
            frames++;
        return scanner.TryFinish(ref stream, out _, out _) ? frames + 1 : frames;
    }

    private static void AssertAllocatesNothing(Action action) => Assert.That(Allocation.InSteadyState(action), Is.Zero);
}
