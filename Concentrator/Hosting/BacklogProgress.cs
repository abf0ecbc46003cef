using Concentrator.Accounting;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting;

/// <summary>
/// Logs the backlog of a relay that has reconnected: its size and how long it will take, once that can be estimated, and
/// later that it is done. A backlog that is gone before then gets only the last line. One caller.
/// </summary>
internal sealed class BacklogProgress(string output, TimeProvider time, ILogger log)
{
    /// <summary>Time on the new connection after which its rate is used for an estimate.</summary>
    private static readonly TimeSpan KnownAfter = TimeSpan.FromSeconds(5);

    private bool _wasBehind;
    private long _deliveredBefore;
    private long? _since;
    private long _deliveredAtStart;
    private bool _isSaid;

    /// <summary>Must be called after the trend has followed the same snapshot.</summary>
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
