using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// A ring of HAProxy 3.0 that has fallen silent: once its receiver was closed (by a FIN: killed, or behind a proxy), it neither closes its side nor
/// connects again, and says and counts nothing (<see cref="RingCheck.StaysDead"/>). What shows is a connection to our port that is half closed.
/// </summary>
/// <param name="proc">The host's.</param>
/// <param name="worker">The pid of HAProxy's.</param>
/// <param name="version">Of that HAProxy; null = unknown.</param>
/// <param name="listeners">Ours to which rings with octet counts lead: those that end frames by line feeds come back.</param>
internal sealed class HalfClosedRingCheck(string proc, int worker, Version? version, IReadOnlyList<ListenerOptions> listeners)
{
    public IEnumerable<Diagnosis> Look()
    {
        if (version is not null && !RingCheck.StaysDead(version)) return [];
        return new PortHolders(proc).HalfClosedBy(worker)
            .Select(port => listeners.FirstOrDefault(listener => !listener.Address.IsDatagram && listener.Address.EndPoint?.Port == port))
            .OfType<ListenerOptions>()
            .Select(listener => Diagnosis.Fail(
                $"HAProxy's ring to {listener.Address}",
                $"the connection of its worker (pid {worker}) to listener {listener.Name} is half closed: a ring of HAProxy {version?.ToString() ?? "3.0"} does not come back from that, and nothing of it arrives",
                "systemctl reload haproxy    (and update it to 3.2, where rings come back)"));
    }
}
