using System.Globalization;
using System.Net.Sockets;
using Concentrator.Hosting.Senders;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>Tells rings that log lines lead to and that take no message (<see cref="FullRings"/>).</summary>
/// <param name="config">The configuration that HAProxy has read.</param>
/// <param name="time">Waits between the looks.</param>
internal sealed class StoppedRingCheck(HaproxyConfig config, TimeProvider time)
{
    public async Task<IReadOnlyList<Diagnosis>> LookAsync(CancellationToken stop)
    {
        HashSet<string> rings = config.Logs.Where(config.IsUsed).Select(static log => log.RingName).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (rings.Count == 0 || config.StatsSockets.Find(static socket => socket.EndPoint is not null) is not { EndPoint: { } end } path) return [];
        try
        {
            IReadOnlyList<FullRing> full = await FullRings.FindAsync(end, time, stop).ConfigureAwait(false);
            return [.. full.Where(ring => rings.Contains(ring.Name)).Select(ring => Judge(ring, path))];
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Expected: DroppedLogsCheck asks the same socket, and reports it.
            return [];
        }
    }

    private static Diagnosis Judge(FullRing ring, HaproxyAddress path)
    {
        string subject = $"HAProxy's ring {ring.Name}";
        return ring.Growth > 0
            ? Diagnosis.Fail(
                subject,
                string.Create(CultureInfo.InvariantCulture, $"it takes no message: {ring.Dropped} dropped and not announced, {ring.Growth} of them in the last second. Its receiver does not read, or the ring has stopped for good (seen in HAProxy 2.6)"),
                $"systemctl reload haproxy    (if the receiver reads; a size of {HaproxyRingCheck.GoodSize} in the section ring {ring.Name} makes it rare, a unix socket has no such state)")
            : Diagnosis.Warn(
                subject,
                string.Create(CultureInfo.InvariantCulture, $"{ring.Dropped} messages dropped and not announced yet, and no message came in the last second"),
                $"echo show events | socat stdio {path.Path ?? "ADDRESS"}    (a number that grows and never falls: systemctl reload haproxy)");
    }
}
