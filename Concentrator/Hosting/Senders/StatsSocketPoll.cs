using System.Globalization;
using System.Net.Sockets;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.Senders;

/// <summary>
/// Reads <c>DroppedLogs</c> from the stats socket of each listener that names one (<c>StatsSocket</c>) or for which one is found (<see cref="StatsSocketSearch"/>),
/// every 10 seconds on the thread pool, and counts its growth as lost before that listener; a ring that takes no message (<see cref="FullRings"/>) is
/// reported once, and when it takes some again. A named socket that does not answer within three seconds is
/// reported once, and again after it has answered. One that was found is reported when it answers, and once if this process may not open it; a
/// HAProxy that does not run is no fault of the configuration.
/// </summary>
internal sealed class StatsSocketPoll : IAsyncDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly ServerView _view;
    private readonly ILogger _log;
    private readonly StatsSocketSearch _search;
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;

    // Owned by the round that runs; rounds do not overlap.
    private readonly Dictionary<(string Listener, string Socket), Followed> _followed = [];

    private volatile Task _round = Task.CompletedTask;

    /// <param name="view">The listeners of the running configuration, and their counters.</param>
    /// <param name="timers">Whose callbacks must not block: a round runs on the thread pool.</param>
    /// <param name="log">Receives sockets that do not answer.</param>
    /// <param name="search">Finds sockets that no listener names.</param>
    public StatsSocketPoll(ServerView view, TimeProvider timers, ILogger log, StatsSocketSearch search)
    {
        _view = view;
        _log = log;
        _search = search;
        _timer = timers.CreateTimer(_ => Begin(), null, TimeSpan.Zero, Period);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _round.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Begin()
    {
        IReadOnlyList<ListenerOptions> listeners = _view.Options?.Listeners ?? [];
        if (listeners.Count == 0 || !_round.IsCompleted || _stop.IsCancellationRequested) return;
        _round = Task.Run(() => RoundAsync(listeners));
    }

    private async Task RoundAsync(IReadOnlyList<ListenerOptions> listeners)
    {
        foreach (ListenerOptions listener in listeners)
            if (listener.StatsSocket is { } named and not ListenerOptions.NoStatsSocket) await AskAsync((listener.Name, named), isFound: false).ConfigureAwait(false);
        if (_search.Find([.. listeners.Where(static listener => listener.StatsSocket is null)]) is { } found) await AskAsync(found, isFound: true).ConfigureAwait(false);
    }

    private async Task AskAsync((string Name, string Socket) key, bool isFound)
    {
        if (!_followed.TryGetValue(key, out Followed? followed)) _followed.Add(key, followed = new Followed());
        try
        {
            IReadOnlyDictionary<string, string> info =
                await HaproxyStats.InfoAsync(new UnixDomainSocketEndPoint(key.Socket), _stop.Token).ConfigureAwait(false);
            if (!long.TryParse(info.GetValueOrDefault("DroppedLogs"), NumberStyles.None, CultureInfo.InvariantCulture, out long dropped))
            {
                Report(key, followed, isFound, "it does not report DroppedLogs");
                return;
            }
            if (isFound && !followed.HasAnswered) _log.StatsSocketFound(key.Name, key.Socket);
            long lost = followed.Growth.Follow(info.GetValueOrDefault("Pid") ?? "", dropped);
            followed.IsReported = false;
            followed.HasAnswered = true;
            if (lost > 0)
            {
                _view.Ledger.Listener(key.Name).AddLostBefore(LostBefore.DroppedLogs, lost);
                _log.DroppedByHaproxy(key.Name, lost);
            }
            // The looks are fractions of a second apart, whatever the timers are.
            Tell(key.Name, followed.ReportedRings, await FullRings.FindAsync(new UnixDomainSocketEndPoint(key.Socket), TimeProvider.System, _stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Expected: the server stops.
        }
        catch (SocketException e) when (isFound && e.SocketErrorCode != SocketError.AccessDenied)
        {
            // Expected: that HAProxy does not run.
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            Report(key, followed, isFound, e is OperationCanceledException ? "no answer within 3 s" : e.Message);
        }
    }

    private void Report((string Name, string Socket) key, Followed followed, bool isFound, string reason)
    {
        if (followed.IsReported) return;
        followed.IsReported = true;
        if (isFound) _log.FoundStatsSocketSilent(key.Name, key.Socket, reason);
        else _log.StatsSocketSilent(key.Name, key.Socket, reason);
    }

    private void Tell(string listener, HashSet<string> reported, IReadOnlyList<FullRing> full)
    {
        foreach (FullRing ring in full)
            if (ring.Growth > 0 && reported.Add(ring.Name)) _log.RingTakesNothing(listener, ring.Name, ring.Dropped);
        foreach (string former in reported.Where(former => !full.Any(ring => ring.Name == former)).ToArray())
        {
            reported.Remove(former);
            _log.RingTakesAgain(listener, former);
        }
    }

    private sealed class Followed
    {
        public HashSet<string> ReportedRings { get; } = new(StringComparer.Ordinal);

        public DroppedLogsGrowth Growth { get; } = new();

        public bool IsReported { get; set; }

        public bool HasAnswered { get; set; }
    }
}
