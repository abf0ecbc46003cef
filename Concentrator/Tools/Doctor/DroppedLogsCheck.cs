using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Hosting.Senders;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// HAProxy's own loss counter, read from its stats socket: messages dropped because the socket was full. HAProxy counts no other loss: a
/// missing socket, one without a reader and one without write permission do not show here (docs/reference/haproxy.md, Datagrams).
/// </summary>
internal sealed class DroppedLogsCheck(HaproxyConfig config, string remedy)
{
    private const string Subject = "HAProxy's DroppedLogs";

    public async Task<IReadOnlyList<Diagnosis>> LookAsync(CancellationToken stop)
    {
        if (config.StatsSockets.Count == 0)
        {
            return [Diagnosis.Warn(
                Subject, "haproxy.cfg has no stats socket, so HAProxy's drops are not visible",
                "stats socket /run/haproxy/admin.sock mode 660 level admin    (in the section global of haproxy.cfg)")];
        }
        if (config.StatsSockets.Find(static socket => socket.EndPoint is not null) is not { EndPoint: { } end } path)
        {
            return [Diagnosis.Warn(
                Subject, $"{string.Join(", ", config.StatsSockets)}: no stats socket is reachable from here, so HAProxy's drops are not visible",
                "stats socket /run/haproxy/admin.sock mode 660 level admin    (in the section global of haproxy.cfg)")];
        }
        string ask = $"echo show info | socat stdio {ForSocat(path, end)}";
        try
        {
            IReadOnlyDictionary<string, string> info = await HaproxyStats.InfoAsync(end, stop).ConfigureAwait(false);
            if (!long.TryParse(info.GetValueOrDefault("DroppedLogs"), NumberStyles.None, CultureInfo.InvariantCulture, out long dropped))
                return [Diagnosis.Warn(Subject, $"{path} does not report DroppedLogs", ask)];
            string since = info.GetValueOrDefault("Uptime") is { } uptime ? $"in {uptime}" : "since its start";
            return dropped == 0
                ? [Diagnosis.Ok(Subject, $"0 {since} (counts only messages dropped at a full socket)")]
                : [Diagnosis.Warn(Subject, string.Create(CultureInfo.InvariantCulture, $"{dropped} messages lost {since} because the socket was full"), remedy)];
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return [Diagnosis.Warn(Subject, $"{path} does not answer: {e.Message}", end is IPEndPoint ? ask : $"{ask}    (as root, or as a member of the socket's group)")];
        }
    }

    /// <summary>socat does not pad an abstract name unless it is told to.</summary>
    private static string? ForSocat(HaproxyAddress address, EndPoint end) => address switch
    {
        _ when end is IPEndPoint => $"tcp:{end}",
        { Abstract: { } name } => $"abstract:{name.Text}{(name.IsPadded ? ",unix-tightsocklen=0" : "")}",
        _ => address.Path,
    };
}
