using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;
using Concentrator.Routing;

namespace Concentrator.Ingest.Statistics;

/// <summary>
/// Sends a <see cref="ForwarderReport"/> to the configured outputs at an interval. Each object is an ordinary message: parsed, rendered
/// and accounted for as if it had come from a listener of its own. Any thread may call.
/// </summary>
internal sealed class StatisticsFeed(Ledger ledger, HostName host, TimeProvider time) : IDisposable
{
    /// <summary>The source's name in the ledger; no listener can have it.</summary>
    private const string SourceName = "(statistics)";

    private readonly Lock _gate = new();
    private readonly ReceptionClock _clock = new(time);
    private ServerOptions? _options;
    private RouteTable _table = RouteTable.Empty;
    private ForwarderReading? _last;
    private ITimer? _timer;

    /// <summary>Switches to other options. A timer whose interval does not change keeps running; counts continue in any case.</summary>
    /// <param name="options">With or without <see cref="ServerOptions.Statistics"/>.</param>
    /// <param name="table">Routes to the outputs of <see cref="StatisticsOptions.To"/>.</param>
    public void Change(ServerOptions options, RouteTable table)
    {
        lock (_gate)
        {
            TimeSpan? before = _options?.Statistics?.Interval;
            _options = options;
            _table = table;
            if (options.Statistics?.Interval == before) return;
            _timer?.Dispose();
            _timer = null;
            if (options.Statistics is not { Interval: var interval }) return;
            _last ??= ForwarderReading.Take(ledger);
            _timer = time.CreateTimer(_ => Report(), null, interval, interval);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _options = null;
        }
    }

    private void Report()
    {
        lock (_gate)
        {
            if (_options is null || _last is null) return;
            ForwarderReading now = ForwarderReading.Take(ledger);
            IReadOnlyList<byte[]> lines = ForwarderReport.Compose(_last, now, _options);
            _last = now;
            Send(lines);
        }
    }

    private void Send(IReadOnlyList<byte[]> lines)
    {
        _clock.Update(time.GetUtcNow());
        Reception reception = new() { SenderName = default, Rfc3339 = _clock.Rfc3339, Bsd = _clock.Bsd };
        BatchTally tally = default;
        ulong touched = 0;
        foreach (byte[] line in lines)
        {
            // syslog.info, and the program name that the forwarder's rsyslog uses for its own statistics.
            byte[] frame = [.. "<46>1 - "u8, .. host.Bytes, .. " rsyslogd-pstats - - - "u8, .. line];
            SyslogParser.Parse(frame, HeaderFormat.Rfc5424, out SyslogMessage message);
            tally.Messages++;
            tally.Bytes += frame.Length;
            if (!_table.Dispatch(message, reception, default, ref touched)) tally.Unrouted++;
        }
        ledger.Listener(SourceName).Add(tally);
        _table.Publish(touched);
    }
}
