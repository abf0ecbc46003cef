using Concentrator.Accounting;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting;

/// <summary>
/// Says in the log what an operator asks when a relay is back: how much waits and how long that takes, once it can be known,
/// and later that it is done. A backlog that is gone before then gets the last line alone. One caller.
/// </summary>
internal sealed class CatchingUp(string output, TimeProvider time, ILogger log)
{
    /// <summary>After so long on the new connection its rate is believed.</summary>
    private static readonly TimeSpan KnownAfter = TimeSpan.FromSeconds(5);

    private bool _wasBehind;
    private long _deliveredBefore;
    private long? _since;
    private long _deliveredAtStart;
    private bool _isSaid;

    /// <summary>To be called after the trend has followed the same snapshot.</summary>
    public void Follow(in OutputSnapshot now, OutputTrend trend, BacklogEstimate estimate)
    {
        if (trend.IsConnectedAnew) Begin(trend);
        if (!now.Connected) _since = null;
        if (_since is { } since)
        {
            TimeSpan elapsed = time.GetElapsedTime(since);
            if (!trend.IsBehind)
            {
                log.RelayCaughtUp(output, RoughFigures.Duration(elapsed), now.Delivered - _deliveredAtStart);
                _since = null;
            }
            else if (!_isSaid && elapsed >= KnownAfter && estimate.DrainSeconds is { } drain)
            {
                _isSaid = true;
                string size = RoughFigures.Size(now.QueuedBytes);
                if (double.IsFinite(drain)) log.RelayCatchingUp(output, now.Queued, size, RoughFigures.Duration(drain));
                else log.RelayNotCatchingUp(output, now.Queued, size);
            }
        }
        _wasBehind = trend.IsBehind;
        _deliveredBefore = now.Delivered;
    }

    private void Begin(OutputTrend trend)
    {
        _since = trend.IsBehind || _wasBehind ? time.GetTimestamp() : null;
        _deliveredAtStart = _deliveredBefore;
        _isSaid = false;
    }
}
