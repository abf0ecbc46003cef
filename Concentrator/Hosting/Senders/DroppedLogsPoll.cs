using System.Globalization;
using System.Net.Sockets;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.Senders;

/// <summary>
/// Reads <c>DroppedLogs</c> from the stats socket of each listener that names one (<c>StatsSocket</c>), every 10 seconds on the thread pool, and counts its
/// growth as lost before that listener. A socket that does not answer within three seconds is reported once, and again after it has answered.
/// </summary>
internal sealed class DroppedLogsPoll : IAsyncDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly ServerView _view;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;

    // Owned by the round that runs; rounds do not overlap.
    private readonly Dictionary<(string Listener, string Socket), Followed> _followed = [];

    private volatile Task _round = Task.CompletedTask;

    /// <param name="view">The listeners of the running configuration, and their counters.</param>
    /// <param name="timers">Whose callbacks must not block: a round runs on the thread pool.</param>
    /// <param name="log">Receives sockets that do not answer.</param>
    public DroppedLogsPoll(ServerView view, TimeProvider timers, ILogger log)
    {
        _view = view;
        _log = log;
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
        ListenerOptions[] asked = [.. (_view.Options?.Listeners ?? []).Where(static listener => listener.StatsSocket is not null)];
        if (asked.Length == 0 || !_round.IsCompleted || _stop.IsCancellationRequested) return;
        _round = Task.Run(() => RoundAsync(asked));
    }

    private async Task RoundAsync(ListenerOptions[] asked)
    {
        foreach (ListenerOptions listener in asked) await AskAsync(listener).ConfigureAwait(false);
    }

    private async Task AskAsync(ListenerOptions listener)
    {
        (string Name, string Socket) key = (listener.Name, listener.StatsSocket!);
        if (!_followed.TryGetValue(key, out Followed? followed)) _followed.Add(key, followed = new Followed());
        try
        {
            IReadOnlyDictionary<string, string> info =
                await HaproxyStats.InfoAsync(new UnixDomainSocketEndPoint(key.Socket), _stop.Token).ConfigureAwait(false);
            if (!long.TryParse(info.GetValueOrDefault("DroppedLogs"), NumberStyles.None, CultureInfo.InvariantCulture, out long dropped))
            {
                Report(key, followed, "it does not report DroppedLogs");
                return;
            }
            long lost = followed.Growth.Follow(info.GetValueOrDefault("Pid") ?? "", dropped);
            followed.IsReported = false;
            if (lost == 0) return;
            _view.Ledger.Listener(key.Name).AddLostBefore(LostBefore.DroppedLogs, lost);
            _log.DroppedByHaproxy(key.Name, lost);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Expected: the server stops.
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            Report(key, followed, e is OperationCanceledException ? "no answer within 3 s" : e.Message);
        }
    }

    private void Report((string Name, string Socket) key, Followed followed, string reason)
    {
        if (followed.IsReported) return;
        followed.IsReported = true;
        _log.StatsSocketSilent(key.Name, key.Socket, reason);
    }

    private sealed class Followed
    {
        public DroppedLogsGrowth Growth { get; } = new();

        public bool IsReported { get; set; }
    }
}
