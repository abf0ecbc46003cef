using System.Globalization;
using System.Net.Sockets;

namespace Concentrator.Doctor;

/// <summary>
/// What HAProxy itself counts as lost, from its stats socket: messages for which the socket was full. It counts no other loss:
/// a missing socket, a dead one and one it may not write to all look like none here (HAPROXY.md 5).
/// </summary>
internal sealed class DroppedLogsCheck(HaproxyConfig config, string remedy)
{
    private const string Subject = "HAProxy's DroppedLogs";

    public async Task<IReadOnlyList<Diagnosis>> LookAsync(CancellationToken stop)
    {
        if (config.StatsSockets.Count == 0)
        {
            return [Diagnosis.Warn(
                Subject, "haproxy.cfg has no stats socket, so what HAProxy drops cannot be seen",
                "stats socket /run/haproxy/admin.sock mode 660 level admin    (in the section global of haproxy.cfg)")];
        }
        string path = config.StatsSockets[0];
        try
        {
            IReadOnlyDictionary<string, string> info = await HaproxyStats.InfoAsync(path, stop).ConfigureAwait(false);
            if (!long.TryParse(info.GetValueOrDefault("DroppedLogs"), NumberStyles.None, CultureInfo.InvariantCulture, out long dropped))
                return [Diagnosis.Warn(Subject, $"{path} does not say it", $"echo show info | socat stdio {path}")];
            string since = info.GetValueOrDefault("Uptime") is { } uptime ? $"in {uptime}" : "since its start";
            return dropped == 0
                ? [Diagnosis.Ok(Subject, $"0 {since} (full socket; other losses it does not count)")]
                : [Diagnosis.Warn(Subject, string.Create(CultureInfo.InvariantCulture, $"{dropped} messages lost {since}, because the socket was full"), remedy)];
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return [Diagnosis.Warn(Subject, $"{path} does not answer: {e.Message}", $"echo show info | socat stdio {path}    (as root, or a member of the socket's group)")];
        }
    }
}
