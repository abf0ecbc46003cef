using System.Globalization;
using System.Net.Sockets;
using Concentrator.Hosting.Senders;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Finds rings that drop every message: their receiver does not read, or they have stopped for good, as those of HAProxy 2.6 may once they are
/// full (<c>findings/haproxy-2.6-ring-stops-for-good.sh</c>). HAProxy announces what it dropped as soon as the ring takes a message again, and counts it
/// in <c>show events</c> until then, so a number that grows and never falls tells that none gets through.
/// </summary>
/// <param name="config">The configuration that HAProxy has read.</param>
/// <param name="time">Waits between the looks.</param>
internal sealed class StoppedRingCheck(HaproxyConfig config, TimeProvider time)
{
    private const int Looks = 5;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    public async Task<IReadOnlyList<Diagnosis>> LookAsync(CancellationToken stop)
    {
        string[] rings = [.. config.Logs.Where(config.IsUsed).Select(static log => log.RingName).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (rings.Length == 0 || config.StatsSockets.Find(static socket => socket.EndPoint is not null) is not { EndPoint: { } end } path) return [];
        List<IReadOnlyDictionary<string, long>> seen = [];
        try
        {
            while (seen.Count < Looks)
            {
                if (seen.Count > 0) await Task.Delay(Between, time, stop).ConfigureAwait(false);
                seen.Add(await HaproxyStats.UnannouncedAsync(end, stop).ConfigureAwait(false));
                if (!rings.Any(ring => seen[^1].GetValueOrDefault(ring) > 0)) return [];
            }
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Expected: DroppedLogsCheck asks the same socket, and reports it.
            return [];
        }
        return [.. rings.Select(ring => Judge(ring, [.. seen.Select(look => look.GetValueOrDefault(ring))], path)).OfType<Diagnosis>()];
    }

    private static Diagnosis? Judge(string ring, long[] dropped, HaproxyAddress path)
    {
        if (dropped[0] == 0 || dropped.Zip(dropped.Skip(1)).Any(static pair => pair.Second < pair.First)) return null;
        string subject = $"HAProxy's ring {ring}";
        return dropped[^1] > dropped[0]
            ? Diagnosis.Fail(
                subject,
                string.Create(CultureInfo.InvariantCulture, $"it takes no message: {dropped[^1]} dropped and not announced, {dropped[^1] - dropped[0]} of them in the last second. Its receiver does not read, or the ring has stopped for good (seen in HAProxy 2.6)"),
                $"systemctl reload haproxy    (if the receiver reads; a size of {HaproxyRingCheck.GoodSize} in the section ring {ring} makes it rare, a unix socket has no such state)")
            : Diagnosis.Warn(
                subject,
                string.Create(CultureInfo.InvariantCulture, $"{dropped[0]} messages dropped and not announced yet, and no message came in the last second"),
                $"echo show events | socat stdio {path.Path ?? "ADDRESS"}    (a number that grows and never falls: systemctl reload haproxy)");
    }
}
