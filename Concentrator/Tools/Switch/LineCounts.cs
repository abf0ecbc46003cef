using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Hosting.Status;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>Counters of HAProxy (requests, drops) and of the listener (received) since each started; null when unknown.</summary>
internal sealed record LineCounts(string? Worker, long? Requests, long? Dropped, long? Received)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Reads both counters.</summary>
    /// <param name="config">HAProxy's configuration, which names its stats socket.</param>
    /// <param name="monitoring">The server's status pages; null = it has none.</param>
    /// <param name="listener">The name of the listener.</param>
    /// <param name="stop">Cancels the queries.</param>
    public static async Task<LineCounts> TakeAsync(HaproxyConfig config, MonitoringOptions? monitoring, string listener, CancellationToken stop)
    {
        IReadOnlyDictionary<string, string> info = new Dictionary<string, string>();
        try
        {
            EndPoint? stats = config.StatsSockets.Select(static socket => socket.EndPoint).OfType<EndPoint>().FirstOrDefault();
            if (stats is not null) info = await HaproxyStats.InfoAsync(stats, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Expected: HAProxy's counters are then reported as unknown.
        }
        return new LineCounts(
            info.GetValueOrDefault("Pid"), Number(info.GetValueOrDefault("CumReq")), Number(info.GetValueOrDefault("DroppedLogs")),
            monitoring is null ? null : await ReceivedAsync(monitoring, listener, stop).ConfigureAwait(false));
    }

    /// <summary>The difference between an earlier count and this one, as text.</summary>
    public string Since(LineCounts earlier)
    {
        string received = Received is { } came && earlier.Received is { } before ? string.Create(CultureInfo.InvariantCulture, $"{came - before} lines arrived here") : "the number of lines that arrived here is unknown";
        if (Worker is null || Worker != earlier.Worker || Requests is not { } requests || earlier.Requests is not { } served) return received;
        string dropped = Dropped is { } lost && earlier.Dropped is { } lostBefore ? string.Create(CultureInfo.InvariantCulture, $", dropped {lost - lostBefore}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"HAProxy counted {requests - served} requests{dropped}, and {received}");
    }

    private static async Task<long?> ReceivedAsync(MonitoringOptions monitoring, string listener, CancellationToken stop)
    {
        using StatusClient client = new(monitoring, Limit);
        try
        {
            string text = await client.Http.GetStringAsync(client.Page("metrics"), stop).ConfigureAwait(false);
            return (long)Traffic.Received(text).GetValueOrDefault(listener);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Expected: the counter is then reported as unknown.
            return null;
        }
    }

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
