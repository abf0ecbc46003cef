using BenchmarkDotNet.Attributes;
using Concentrator.Accounting;
using Concentrator.Ingest.Lanes;
using Concentrator.Messages;
using Concentrator.Messages.HAProxyLines;
using Concentrator.Messages.Parsing;

namespace Concentrator.Bench.Micro;

/// <summary>What insight into a line of HAProxy costs beside step 3: <see cref="ParserBenchmarks"/> has the parsing alone.</summary>
public class InsightBenchmarks
{
    private const int Batch = 64;

    private readonly ListenerCounters _counters = new("haproxy");
    private readonly LineInsight _insight;
    private readonly RecentNames _names = new();

    public InsightBenchmarks() => _insight = new LineInsight(_counters, TimeProvider.System);

    [GlobalSetup]
    public void Check()
    {
        long before = _counters.Insight.Read()?.Frontends[0].Requests.Sum() ?? 0;
        ParseAndLook();
        if (_counters.Insight.Read()?.Frontends[0].Requests.Sum() != before + Batch)
            throw new InvalidOperationException("the request was not counted, so the measurement is invalid");
    }

    /// <summary>The line alone: its kind and its fields.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public int Scan()
    {
        int kinds = 0;
        SyslogParser.Parse(SampleMessages.Local, HeaderFormat.Auto, out SyslogMessage message);
        for (int i = 0; i < Batch; i++)
        {
            HAProxyLineScanner.Scan(message, _names, out HAProxyLine line);
            if (!line.HasKnownNames) _names.Keep(line);
            kinds += (int)line.Kind;
        }
        return kinds;
    }

    /// <summary>All that insight does for a message, as in a lane.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public int Look()
    {
        SyslogParser.Parse(SampleMessages.Local, HeaderFormat.Auto, out SyslogMessage message);
        for (int i = 0; i < Batch; i++) _insight.Look(message, truncated: false);
        _insight.EndBatch();
        return Batch;
    }

    /// <summary>With the parsing before it.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public int ParseAndLook()
    {
        int length = 0;
        for (int i = 0; i < Batch; i++)
        {
            SyslogParser.Parse(SampleMessages.Local, HeaderFormat.Auto, out SyslogMessage message);
            _insight.Look(message, truncated: false);
            length += message.Text.Length;
        }
        _insight.EndBatch();
        return length;
    }
}
