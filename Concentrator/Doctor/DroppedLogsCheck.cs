using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Concentrator.Doctor;

/// <summary>
/// What HAProxy itself counts as lost, from its stats socket: messages for which the socket was full. It counts no other loss:
/// a missing socket, a dead one and one it may not write to all look like none here (HAPROXY.md 5).
/// </summary>
internal sealed class DroppedLogsCheck(HaproxyConfig config, string remedy)
{
    private const string Subject = "HAProxy's DroppedLogs";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<Diagnosis>> LookAsync(CancellationToken stop)
    {
        if (config.StatsSockets.Count == 0)
        {
            return [Diagnosis.Warn(
                Subject, "haproxy.cfg has no stats socket, so what HAProxy drops cannot be seen",
                "stats socket /run/haproxy/admin.sock mode 660 level admin    (in the section global of haproxy.cfg)")];
        }
        if (config.StatsSockets.Find(static socket => socket.EndPoint is not null) is not { EndPoint: { } end } path)
        {
            return [Diagnosis.Warn(
                Subject, $"{string.Join(", ", config.StatsSockets)}: no stats socket that can be asked from here, so what HAProxy drops cannot be seen",
                "stats socket /run/haproxy/admin.sock mode 660 level admin    (in the section global of haproxy.cfg)")];
        }
        string ask = $"echo show info | socat stdio {ForSocat(path, end)}";
        try
        {
            Dictionary<string, string> info = Fields(await AskAsync(end, stop).ConfigureAwait(false));
            if (!long.TryParse(info.GetValueOrDefault("DroppedLogs"), NumberStyles.None, CultureInfo.InvariantCulture, out long dropped))
                return [Diagnosis.Warn(Subject, $"{path} does not say it", ask)];
            string since = info.GetValueOrDefault("Uptime") is { } uptime ? $"in {uptime}" : "since its start";
            return dropped == 0
                ? [Diagnosis.Ok(Subject, $"0 {since} (full socket; other losses it does not count)")]
                : [Diagnosis.Warn(Subject, string.Create(CultureInfo.InvariantCulture, $"{dropped} messages lost {since}, because the socket was full"), remedy)];
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return [Diagnosis.Warn(Subject, $"{path} does not answer: {e.Message}", end is IPEndPoint ? ask : $"{ask}    (as root, or a member of the socket's group)")];
        }
    }

    /// <summary>socat leaves an abstract name as short as it is unless it is told to fill it up.</summary>
    private static string? ForSocat(HaproxyAddress address, EndPoint end) => address switch
    {
        _ when end is IPEndPoint => $"tcp:{end}",
        { Abstract: { } name } => $"abstract:{name.Text}{(name.IsPadded ? ",unix-tightsocklen=0" : "")}",
        _ => address.Path,
    };

    private static async Task<string> AskAsync(EndPoint end, CancellationToken stop)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(Deadline);
        using Socket socket = new(end.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(end, deadline.Token).ConfigureAwait(false);
        using NetworkStream stream = new(socket);
        await stream.WriteAsync("show info\n"u8.ToArray(), deadline.Token).ConfigureAwait(false);
        using StreamReader reader = new(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(deadline.Token).ConfigureAwait(false);
    }

    private static Dictionary<string, string> Fields(string text)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Split(": ", 2);
            if (parts.Length == 2) fields[parts[0]] = parts[1].Trim();
        }
        return fields;
    }
}
