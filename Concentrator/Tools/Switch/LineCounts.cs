using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Hosting.Status;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>What HAProxy has served and dropped, and what our listener has received, since each of them started; null where nobody says it.</summary>
internal sealed record LineCounts(string? Worker, long? Requests, long? Dropped, long? Received)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Asks both.</summary>
    /// <param name="config">Of HAProxy, for its stats socket.</param>
    /// <param name="monitoring">Of our server; null = it serves no metrics.</param>
    /// <param name="listener">Ours, by name.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<LineCounts> TakeAsync(HaproxyConfig config, IPEndPoint? monitoring, string listener, CancellationToken stop)
    {
        IReadOnlyDictionary<string, string> info = new Dictionary<string, string>();
        try
        {
            EndPoint? stats = config.StatsSockets.Select(static socket => socket.EndPoint).OfType<EndPoint>().FirstOrDefault();
            if (stats is not null) info = await HaproxyStats.InfoAsync(stats, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Then HAProxy's numbers are unknown, and that is said.
        }
        return new LineCounts(
            info.GetValueOrDefault("Pid"), Number(info.GetValueOrDefault("CumReq")), Number(info.GetValueOrDefault("DroppedLogs")),
            monitoring is null ? null : await ReceivedAsync(monitoring, listener, stop).ConfigureAwait(false));
    }

    /// <summary>What happened between an earlier count and this one, for people.</summary>
    public string Since(LineCounts earlier)
    {
        string received = Received is { } came && earlier.Received is { } before ? string.Create(CultureInfo.InvariantCulture, $"{came - before} lines came here") : "how many lines came here nobody says";
        if (Worker is null || Worker != earlier.Worker || Requests is not { } requests || earlier.Requests is not { } served) return received;
        string dropped = Dropped is { } lost && earlier.Dropped is { } lostBefore ? string.Create(CultureInfo.InvariantCulture, $", dropped {lost - lostBefore}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"HAProxy counted {requests - served} requests{dropped}, and {received}");
    }

    private static async Task<long?> ReceivedAsync(IPEndPoint monitoring, string listener, CancellationToken stop)
    {
        using HttpClient http = StatusClient.Create(Limit);
        try
        {
            string text = await http.GetStringAsync(StatusClient.Page(monitoring, "metrics"), stop).ConfigureAwait(false);
            return (long)Traffic.Received(text).GetValueOrDefault(listener);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // As above.
            return null;
        }
    }

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
