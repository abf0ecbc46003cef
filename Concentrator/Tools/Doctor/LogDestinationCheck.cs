using System.Net;
using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Whether HAProxy's log lines lead to a listener of ours. A line to a port where nobody listens loses everything, and HAProxy neither says nor
/// counts it (docs/reference/haproxy.md, Datagrams). What becomes of unix paths is seen through HAProxy's own eyes (<see cref="ChrootViewCheck"/>).
/// </summary>
/// <param name="proc">The host's.</param>
/// <param name="config">What HAProxy has read.</param>
/// <param name="whose">For people: <c>HAProxy (pid 4711)</c>.</param>
/// <param name="destinations">Where its lines lead.</param>
/// <param name="listeners">Ours.</param>
internal sealed class LogDestinationCheck(
    string proc, HaproxyConfig config, string whose, LogDestinations destinations, IReadOnlyList<ListenerOptions> listeners)
{
    private readonly HaproxyLog[] _logs = [.. config.Logs.Where(log => log.IsSyslog && config.IsUsed(log))];

    public IEnumerable<Diagnosis> Look()
    {
        (HaproxyLog Log, IReadOnlyList<LogEnd> Ends)[] lines = [.. _logs.Select(log => (log, destinations.Of(log)))];
        LogEnd[] ends = [.. lines.SelectMany(static line => line.Ends)];
        bool some = ends.Any(static end => end.Listener is not null);
        foreach ((HaproxyLog log, IReadOnlyList<LogEnd> its) in lines.DistinctBy(static line => line.Log.Address))
        {
            foreach (LogEnd end in its.Where(static end => end is { IsHere: true, Listener: null }))
                if ((end.Address.Host is null ? Dead(log, end, some) : Unheard(log, end, some)) is { } found) yield return found;
        }
        bool isExpected = listeners.Any(static listener => listener.Address.Transport == Transport.UnixDatagram) || ends.Any(static end => end.IsHere);
        if (!some && ends.Length > 0 && isExpected) yield return None(ends);
    }

    /// <summary>Null where somebody reads at the path, or that cannot be seen.</summary>
    private Diagnosis? Dead(HaproxyLog log, LogEnd end, bool someLineIsOurs)
    {
        if (end.Address is not { Path: { } path, IsStream: false } || !destinations.IsDead(path)) return null;
        string inside = destinations.Root.Length == 0 ? "" : $" inside HAProxy's root {destinations.Root}";
        string subject = $"{log.Place}: {log.Text}", finding = $"nobody reads at {path}{inside}: what is sent there is lost, and HAProxy does not count it";
        return someLineIsOurs ? Diagnosis.Warn(subject, finding, HaproxyLine.Remove(log))
            : Diagnosis.Fail(subject, finding, destinations.Wanted() is { } address ? $"{HaproxyLine.Better(log, address)}    (in haproxy.cfg, in its place)"
                : $"\"haproxy\": {{ \"Address\": \"unix-dgram:{destinations.Root}{path}\" }}    (among the Listeners)");
    }

    /// <summary>Null where others have the port, and another line leads to us.</summary>
    private Diagnosis? Unheard(HaproxyLog log, LogEnd end, bool someLineIsOurs)
    {
        IPEndPoint at = new(end.Address.Ip!, end.Address.Port ?? HaproxyAddress.SyslogPort);
        string place = $"{at} ({(end.Address.IsStream ? "TCP" : "UDP")})";
        string subject = $"{log.Place}: {log.Text}";
        (bool isTaken, IReadOnlyList<SocketHolder> holders) = new PortHolders(proc).Of(at, end.Address.IsStream);
        if (isTaken)
        {
            if (someLineIsOurs || holders.Any(static holder => holder.IsOurs)) return null;
            string who = holders.Count == 0 ? "a process that is not shown to this user" : string.Join(" and ", holders.Select(static holder => holder.Shown));
            return Diagnosis.Warn(subject, $"{who} listens at {place}, not Concentrator", Remedy(log, end, at));
        }
        string finding = $"nobody listens at {place}, neither Concentrator nor another: what is sent there is lost, and HAProxy does not count it";
        return someLineIsOurs ? Diagnosis.Warn(subject, finding, HaproxyLine.Remove(log)) : Diagnosis.Fail(subject, finding, Remedy(log, end, at));
    }

    private string Remedy(HaproxyLog log, LogEnd end, IPEndPoint at)
    {
        if (destinations.Wanted() is { } address) return $"{HaproxyLine.Better(log, address)}    (in haproxy.cfg, in its place)";
        string scheme = end.Address.IsStream ? "tcp" : "udp";
        return $"\"haproxy-{scheme}\": {{ \"Address\": \"{scheme}://{at}\" }}    (among the Listeners)";
    }

    private Diagnosis None(LogEnd[] ends)
    {
        string inside = destinations.Root.Length == 0 ? "" : $" inside its root {destinations.Root}";
        string finding = $"none of {whose} leads to a listener of ours: it logs to {string.Join(", ", ends.Select(static end => end.Address.Text).Distinct())}{inside}";
        string? path = ends.Select(static end => end.Address.Path).FirstOrDefault(static path => path is not null);
        HaproxyLog first = _logs[0];

        // Where no log line can lead to a listener, as out of a chroot, a listener has to come to the line.
        string remedy = destinations.Wanted() is { } address ? $"{HaproxyLine.Better(first, address)}    (in haproxy.cfg, in place of: {first.Text})"
            : $"\"haproxy\": {{ \"Address\": \"unix-dgram:{destinations.Root}{Inside(path ?? "/dev/log")}\" }}    (among the Listeners)";
        return Diagnosis.Warn("HAProxy's log lines", finding, remedy);
    }

    /// <summary>A path that was written as it is seen from outside the chroot, as it has to be inside.</summary>
    private string Inside(string path) =>
        destinations.Root.Length > 0 && path.StartsWith($"{destinations.Root}/", StringComparison.Ordinal) ? path[destinations.Root.Length..] : path;
}
