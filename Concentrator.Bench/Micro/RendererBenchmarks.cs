using BenchmarkDotNet.Attributes;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;

namespace Concentrator.Bench.Micro;

/// <summary>Step 5 of a message's journey: measure and write, as a route does for each output.</summary>
public class RendererBenchmarks
{
    private readonly byte[] _room = new byte[4096];
    private readonly SekoiaFrame _sekoia = new(TimestampSource.Received, "0123456789ABCDEF");
    private readonly TraditionalLine _traditional = new(TimestampSource.Received);

    [GlobalSetup]
    public void Check()
    {
        if (Sekoia() < SampleMessages.Local.Length || Traditional() < SampleMessages.Local.Length - 5)
            throw new InvalidOperationException("a renderer's result is wrong, so the measurement is invalid");
    }

    [Benchmark]
    public int Sekoia() => Render(_sekoia);

    [Benchmark]
    public int Traditional() => Render(_traditional);

    private int Render(Renderer renderer)
    {
        SyslogParser.Parse(SampleMessages.Local, HeaderFormat.Auto, out SyslogMessage message);
        Reception reception = new()
        {
            SenderName = "edge"u8,
            Rfc3339 = "2026-11-22T06:13:25.123456+00:00"u8,
            Bsd = "Nov 22 06:13:25"u8,
        };
        int length = renderer.Measure(message, reception);
        return renderer.Write(message, reception, _room.AsSpan(0, length));
    }
}
