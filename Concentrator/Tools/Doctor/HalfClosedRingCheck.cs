using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Finds a ring of HAProxy 3.0 that has stopped sending. After its receiver closed the connection (a FIN: killed, or behind a proxy), it
/// neither closes its side nor reconnects, and logs and counts nothing (<see cref="HaproxyRingCheck.StaysDead"/>). It shows as a half-closed
/// connection to a listener's port.
/// </summary>
/// <param name="proc">The examined host's <c>/proc</c>.</param>
/// <param name="worker">The pid of HAProxy's worker.</param>
/// <param name="version">HAProxy's version; null = unknown.</param>
/// <param name="listeners">The listeners that octet-counted rings lead to. Rings with LF framing reconnect.</param>
internal sealed class HalfClosedRingCheck(string proc, int worker, Version? version, IReadOnlyList<ListenerOptions> listeners)
{
    public IEnumerable<Diagnosis> Look()
    {
        if (version is not null && !HaproxyRingCheck.StaysDead(version)) return [];
        return new PortHolders(proc).HalfClosedBy(worker)
            .Select(port => listeners.FirstOrDefault(listener => !listener.Address.IsDatagram && listener.Address.EndPoint?.Port == port))
            .OfType<ListenerOptions>()
            .Select(listener => Diagnosis.Fail(
                $"HAProxy's ring to {listener.Address}",
                $"the connection of its worker (pid {worker}) to listener {listener.Name} is half closed: a ring of HAProxy {version?.ToString() ?? "3.0"} does not recover from that, and none of its messages arrive",
                "systemctl reload haproxy    (and update it to 3.2, where rings recover)"));
    }
}
