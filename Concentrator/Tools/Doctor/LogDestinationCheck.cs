using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Whether HAProxy's log lines lead to a listener. A line to a port without a receiver loses everything, and HAProxy neither logs nor
/// counts it (docs/reference/haproxy.md, Datagrams). Unix paths are checked through HAProxy's own view (<see cref="ChrootViewCheck"/>).
/// </summary>
/// <param name="proc">The examined host's <c>/proc</c>.</param>
/// <param name="config">The configuration that HAProxy has read.</param>
/// <param name="whose">The owner's name in findings: <c>HAProxy (pid 4711)</c>.</param>
/// <param name="destinations">The destinations of its lines.</param>
/// <param name="listeners">The server's listeners.</param>
internal sealed class LogDestinationCheck(
    string proc, HaproxyConfig config, string whose, LogDestinations destinations, IReadOnlyList<ListenerOptions> listeners)
{
    private readonly HaproxyLogDirective[] _logs = [.. config.Logs.Where(log => log.IsSyslog && config.IsUsed(log))];

    public IEnumerable<Diagnosis> Look()
    {
        (HaproxyLogDirective Log, IReadOnlyList<LogEnd> Ends)[] lines = [.. _logs.Select(log => (log, destinations.Of(log)))];
        LogEnd[] ends = [.. lines.SelectMany(static line => line.Ends)];
        bool some = ends.Any(static end => end.Listener is not null);
        foreach ((HaproxyLogDirective log, IReadOnlyList<LogEnd> its) in lines.DistinctBy(static line => line.Log.Address))
        {
            foreach (LogEnd end in its.Where(static end => end is { IsHere: true, Listener: null }))
                if ((end.Address.Host is null ? Dead(log, end, some) : Unheard(log, end, some)) is { } found) yield return found;
        }
        bool isExpected = listeners.Any(static listener => listener.Address.Transport == Transport.UnixDatagram) || ends.Any(static end => end.IsHere);
        if (!some && ends.Length > 0 && isExpected) yield return None(ends);
    }

    /// <summary>A log line to a path that nobody reads; null when it has a reader, or that cannot be seen.</summary>
    private Diagnosis? Dead(HaproxyLogDirective log, LogEnd end, bool someLineIsOurs)
    {
        if (end.Address is not { Path: { } path, IsStream: false } || !destinations.IsDead(path)) return null;
        string inside = destinations.Root.Length == 0 ? "" : $" inside HAProxy's root {destinations.Root}";
        string subject = $"{log.Place}: {log.Text}", finding = $"no process reads {path}{inside}: messages sent there are lost, and HAProxy does not count them";
        return someLineIsOurs ? Diagnosis.Warn(subject, finding, HaproxyConfigLine.Remove(log))
            : Diagnosis.Fail(subject, finding, destinations.Wanted() is { } address ? $"{HaproxyConfigLine.Better(log, address)}    (in haproxy.cfg, instead of this line)"
                : $"\"haproxy\": {{ \"Address\": \"unix-dgram:{destinations.Root}{path}\" }}    (among the Listeners)");
    }

    /// <summary>A log line to a port that is not ours; null when another program has the port and another line leads to us.</summary>
    private Diagnosis? Unheard(HaproxyLogDirective log, LogEnd end, bool someLineIsOurs)
    {
        IPEndPoint at = new(end.Address.Ip!, end.Address.Port ?? HaproxyAddress.SyslogPort);
        string place = $"{at} ({(end.Address.IsStream ? "TCP" : "UDP")})";
        string subject = $"{log.Place}: {log.Text}";
        (bool isTaken, IReadOnlyList<SocketHolder> holders) = new PortHolders(proc).Of(at, end.Address.IsStream);
        if (isTaken)
        {
            if (someLineIsOurs || holders.Any(static holder => holder.IsOurs)) return null;
            string who = holders.Count == 0 ? "a process that this user cannot see" : string.Join(" and ", holders.Select(static holder => holder.Shown));
            return Diagnosis.Warn(subject, $"{who} listens at {place}, not Concentrator", Remedy(log, end, at));
        }
        string finding = $"no process listens at {place}: messages sent there are lost, and HAProxy does not count them";
        return someLineIsOurs ? Diagnosis.Warn(subject, finding, HaproxyConfigLine.Remove(log)) : Diagnosis.Fail(subject, finding, Remedy(log, end, at));
    }

    private string Remedy(HaproxyLogDirective log, LogEnd end, IPEndPoint at)
    {
        if (destinations.Wanted() is { } address) return $"{HaproxyConfigLine.Better(log, address)}    (in haproxy.cfg, instead of this line)";
        string scheme = end.Address.IsStream ? "tcp" : "udp";
        return $"\"haproxy-{scheme}\": {{ \"Address\": \"{scheme}://{at}\" }}    (among the Listeners)";
    }

    private Diagnosis None(LogEnd[] ends)
    {
        string inside = destinations.Root.Length == 0 ? "" : $" inside its root {destinations.Root}";
        string finding = $"none of {whose} leads to a Concentrator listener: it logs to {string.Join(", ", ends.Select(static end => end.Address.Text).Distinct())}{inside}";
        string? path = ends.Select(static end => end.Address.Path).FirstOrDefault(static path => path is not null);
        HaproxyLogDirective first = _logs[0];

        // When no log line can reach a listener, as from inside a chroot, the remedy is a listener at the line's path.
        string remedy = destinations.Wanted() is { } address ? $"{HaproxyConfigLine.Better(first, address)}    (in haproxy.cfg, instead of: {first.Text})"
            : $"\"haproxy\": {{ \"Address\": \"unix-dgram:{destinations.Root}{Inside(path ?? "/dev/log")}\" }}    (among the Listeners)";
        return Diagnosis.Warn("HAProxy's log lines", finding, remedy);
    }

    /// <summary>Makes a path that was written as seen from outside the chroot relative to it.</summary>
    private string Inside(string path) =>
        destinations.Root.Length > 0 && path.StartsWith($"{destinations.Root}/", StringComparison.Ordinal) ? path[destinations.Root.Length..] : path;
}
