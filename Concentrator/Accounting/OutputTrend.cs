namespace Concentrator.Accounting;

/// <summary>
/// Forecasts an output's queue from its snapshots. Arrivals and deliveries are smoothed over half
/// a minute; deliveries over an earlier connection say nothing about the present one and are discarded. Pure
/// arithmetic, one caller.
/// </summary>
internal sealed class OutputTrend
{
    /// <summary>In bytes, some 800 of HAProxy's lines: a smaller queue is just messages in flight.</summary>
    public const long WorthMentioning = 256 * 1024;

    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);

    private readonly SmoothedRate _arrival = new(Span);
    private readonly SmoothedRate _delivery = new(Span);
    private OutputSnapshot? _last;

    /// <summary>Whether more than <see cref="WorthMentioning"/> waits, and more than arrives in two seconds.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>Whether the relay got its connection since the previous snapshot.</summary>
    public bool IsConnectedAnew { get; private set; }

    /// <param name="elapsed">Time since the previous snapshot; ignored for the first.</param>
    public BacklogEstimate Follow(in OutputSnapshot now, TimeSpan elapsed)
    {
        IsConnectedAnew = now.Connected && (_last is not { Connected: true } before || before.Reconnects != now.Reconnects);
        if (IsConnectedAnew) _delivery.Restart();
        if (_last is { } last)
        {
            if (now.ArrivedBytes < last.ArrivedBytes || now.DeliveredBytes < last.DeliveredBytes)
            {
                // The counters started again, so the rates do too, from the next snapshot on.
                _arrival.Restart();
                _delivery.Restart();
            }
            else if (elapsed > TimeSpan.Zero)
            {
                _arrival.Add(now.ArrivedBytes - last.ArrivedBytes, elapsed);
                if (!IsConnectedAnew) _delivery.Add(now.DeliveredBytes - last.DeliveredBytes, elapsed);
            }
        }
        _last = now;
        IsBehind = now.QueuedBytes > Math.Max(WorthMentioning, 2 * (_arrival.PerSecond ?? 0));
        return new BacklogEstimate(Drain(now), Autonomy(now));
    }

    private double? Drain(in OutputSnapshot now)
    {
        if (!IsBehind) return 0;
        if (now is { IsRelay: true, Connected: false }) return double.PositiveInfinity;
        if (_delivery.PerSecond - _arrival.PerSecond is not { } net) return null;
        return net > 0 ? now.QueuedBytes / net : double.PositiveInfinity;
    }

    private double? Autonomy(in OutputSnapshot now)
    {
        if (_arrival.PerSecond is not { } arrival) return null;
        long free = now.Capacity - Math.Max(now.QueuedBytes, now.StoredBytes);
        if (free <= 0) return 0;
        return arrival < 1 ? double.PositiveInfinity : free / arrival;
    }
}
