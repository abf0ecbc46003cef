using System.Diagnostics;
using Concentrator.Bench.Measure;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Sink;

/// <summary>The arrivals of one measurement. Connections record batches under <see cref="Gate"/>; any thread may read.</summary>
/// <param name="firstSender">The first sender. Stamps of others are left from an earlier measurement and are counted separately.</param>
/// <param name="senders">The number of senders from there.</param>
internal sealed class SinkTally(int firstSender = 0, int senders = ushort.MaxValue + 1)
{
    private readonly Dictionary<ushort, NumberSet> _senders = [];
    private readonly LatencyHistogram _latency = new();
    private NumberSet? _last;
    private ushort _lastSender;
    private long _frames;
    private long _bytes;
    private long _unstamped;
    private long _strangers;
    private long _lastArrival;
    private long _firstArrival;

    public Lock Gate { get; } = new();

    /// <summary>Records one frame. The caller holds <see cref="Gate"/>.</summary>
    /// <param name="place">The offset of the connection's last stamp.</param>
    /// <param name="now">The time in ticks of <see cref="Stopwatch"/>.</param>
    public void RecordUnsynchronized(ReadOnlySpan<byte> frame, ref int place, long now)
    {
        _frames++;
        _bytes += frame.Length;
        if (!SendStamp.TryFind(frame, ref place, out SendStamp stamp) || stamp.Number > NumberSet.HighestNumber)
        {
            _unstamped++;
            return;
        }
        if ((uint)(stamp.Sender - firstSender) >= (uint)senders)
        {
            _strangers++;
            return;
        }
        if (_last is null || _lastSender != stamp.Sender)
        {
            _lastSender = stamp.Sender;
            if (!_senders.TryGetValue(stamp.Sender, out _last)) _senders.Add(stamp.Sender, _last = new NumberSet());
        }
        _last.Add((int)stamp.Number);
        _latency.Record(now - stamp.SentAt);
        if (_firstArrival == 0) _firstArrival = now;
        _lastArrival = now;
    }

    /// <summary>A consistent snapshot.</summary>
    public SinkCount Read()
    {
        lock (Gate)
        {
            return new SinkCount
            {
                Frames = _frames,
                Bytes = _bytes,
                Distinct = _senders.Values.Sum(static sender => (long)sender.Distinct),
                Missing = _senders.Values.Sum(static sender => (long)sender.Missing),
                Duplicates = _senders.Values.Sum(static sender => (long)sender.Duplicates),
                Reordered = _senders.Values.Sum(static sender => (long)sender.Reordered),
                Unstamped = _unstamped,
                Strangers = _strangers,
                Senders = _senders.Count,
                FirstArrival = _firstArrival,
                LastArrival = _lastArrival,
                Latency = _latency.Summarize(),
            };
        }
    }
}

/// <summary>A snapshot of a <see cref="SinkTally"/>.</summary>
internal sealed record SinkCount
{
    /// <summary>Includes duplicates and strangers.</summary>
    public long Frames { get; init; }

    /// <summary>Bytes of frames, without their octet counts.</summary>
    public long Bytes { get; init; }

    /// <summary>Distinct messages.</summary>
    public long Distinct { get; init; }

    /// <summary>Numbers below a sender's highest that have not arrived.</summary>
    public long Missing { get; init; }

    public long Duplicates { get; init; }

    public long Reordered { get; init; }

    public long Unstamped { get; init; }

    public long Strangers { get; init; }

    public int Senders { get; init; }

    /// <summary>In ticks of <see cref="Stopwatch"/>; zero when nothing arrived.</summary>
    public long FirstArrival { get; init; }

    public long LastArrival { get; init; }

    public required LatencySummary Latency { get; init; }
}
