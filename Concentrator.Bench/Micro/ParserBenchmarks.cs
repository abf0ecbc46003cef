using BenchmarkDotNet.Attributes;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;

namespace Concentrator.Bench.Micro;

/// <summary>Step 3 of a message's journey: parsing.</summary>
public class ParserBenchmarks
{
    [GlobalSetup]
    public void Check()
    {
        foreach (byte[] frame in new[] { SampleMessages.Local, SampleMessages.Rfc5424 })
        {
            SyslogParser.Parse(frame, HeaderFormat.Auto, out SyslogMessage message);
            if (!message.AppName.SequenceEqual("haproxy"u8) || !message.ProcId.SequenceEqual("32177"u8) || message.IsMalformed)
                throw new InvalidOperationException("the parser's result is wrong, so the measurement is invalid");
        }
    }

    [Benchmark]
    public int Local() => Parse(SampleMessages.Local);

    [Benchmark]
    public int Rfc5424() => Parse(SampleMessages.Rfc5424);

    private static int Parse(byte[] frame)
    {
        SyslogParser.Parse(frame, HeaderFormat.Auto, out SyslogMessage message);
        return message.Text.Length;
    }
}
