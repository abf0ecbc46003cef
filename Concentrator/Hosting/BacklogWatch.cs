using Concentrator.Accounting;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting;

/// <summary>
/// Estimates the backlog of every output once a second, less often while nothing arrives. The estimate goes to the output's counters,
/// for the metrics; the state of a relay that has reconnected goes to the log. Disposing ends the timer.
/// </summary>
internal sealed class BacklogWatch : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Longer, so that an idle server sleeps.</summary>
    private static readonly TimeSpan QuietPeriod = TimeSpan.FromSeconds(10);

    private readonly Ledger _ledger;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action? _looked;
    private readonly Lock _gate = new();
    private readonly Dictionary<OutputCounters, Watched> _watched = [];
    private readonly ITimer _timer;
    private bool _disposed;

    /// <param name="ledger">The outputs to watch.</param>
    /// <param name="time">The clock and the timer.</param>
    /// <param name="log">Receives the state of relays that have reconnected.</param>
    /// <param name="looked">Called after each round on the timer's thread; must not block.</param>
    public BacklogWatch(Ledger ledger, TimeProvider time, ILogger log, Action? looked = null)
    {
        _looked = looked;
        _ledger = ledger;
        _time = time;
        _log = log;
        _timer = time.CreateTimer(_ => Look(), null, Period, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        lock (_gate) _disposed = true;
        _timer.Dispose();
    }

    private void Look()
    {
        lock (_gate)
        {
            bool isQuiet = true;
            foreach (OutputCounters counters in _ledger.OutputCounters())
            {
                if (!_watched.TryGetValue(counters, out Watched? watched))
                    _watched.Add(counters, watched = new Watched(new BacklogProgress(counters.Name, _time, _log)));
                OutputSnapshot now = counters.Read();
                isQuiet &= now.Queued == 0 && now.Accepted == watched.Accepted;
                watched.Accepted = now.Accepted;
                long at = _time.GetTimestamp();
                BacklogEstimate estimate = watched.Trend.Follow(now, _time.GetElapsedTime(watched.LookedAt, at));
                watched.LookedAt = at;
                watched.BacklogProgress.Follow(now, watched.Trend, estimate);
                counters.Estimate(estimate);
            }
            if (!_disposed) _looked?.Invoke();
            if (!_disposed) _timer.Change(isQuiet ? QuietPeriod : Period, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed record Watched(BacklogProgress BacklogProgress)
    {
        public OutputTrend Trend { get; } = new();

        public long LookedAt { get; set; }

        public long Accepted { get; set; }
    }
}
