using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry;

/// <summary>
/// Once a second, looks where every output's queue is going: the estimate goes to the output's counters, for the metrics, and
/// what an operator should know about a relay that is back goes to the log. Its timer ends when it is disposed.
/// </summary>
internal sealed class BacklogWatch : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Ledger _ledger;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<OutputCounters, Watched> _watched = [];
    private readonly ITimer _timer;

    public BacklogWatch(Ledger ledger, TimeProvider time, ILogger log)
    {
        _ledger = ledger;
        _time = time;
        _log = log;
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            foreach (OutputCounters counters in _ledger.OutputCounters())
            {
                if (!_watched.TryGetValue(counters, out Watched? watched))
                    _watched.Add(counters, watched = new Watched(new CatchingUp(counters.Name, _time, _log)));
                OutputSnapshot now = counters.Read();
                long at = _time.GetTimestamp();
                BacklogEstimate estimate = watched.Trend.Follow(now, _time.GetElapsedTime(watched.LookedAt, at));
                watched.LookedAt = at;
                watched.CatchingUp.Follow(now, watched.Trend, estimate);
                counters.Estimate(estimate);
            }
        }
    }

    private sealed record Watched(CatchingUp CatchingUp)
    {
        public OutputTrend Trend { get; } = new();

        public long LookedAt { get; set; }
    }
}
