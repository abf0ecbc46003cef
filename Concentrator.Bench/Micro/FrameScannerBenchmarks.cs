using System.Buffers;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Bench.Micro;

/// <summary>Step 2 of a message's journey, per frame: a stream of 100 frames in one buffer.</summary>
public class FrameScannerBenchmarks
{
    private const int Frames = 100;

    private readonly byte[] _counted = Repeat(Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{SampleMessages.Rfc5424.Length} ")).Concat(SampleMessages.Rfc5424).ToArray());

    private readonly byte[] _lines = Repeat(SampleMessages.Local);

    [GlobalSetup]
    public void Check()
    {
        if (Counted() != Frames || Lines() != Frames)
            throw new InvalidOperationException("the scanner's result is wrong, so the measurement is invalid");
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public int Counted() => Scan(_counted);

    [Benchmark(OperationsPerInvoke = Frames)]
    public int Lines() => Scan(_lines);

    private static int Scan(byte[] stream)
    {
        FrameScanner scanner = new(Framing.Auto, 256 * 1024);
        ReadOnlySequence<byte> buffer = new(stream);
        int found = 0;
        while (scanner.TryRead(ref buffer, out _, out _) == FrameStatus.Frame) found++;
        return found;
    }

    private static byte[] Repeat(byte[] frame) => [.. Enumerable.Repeat(frame, Frames).SelectMany(static f => f)];
}
