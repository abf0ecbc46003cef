using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>What HAProxy's workers find at the path that they send to: their own root and mounts count, not the host's.</summary>
internal static class Views
{
    /// <summary>The workers of systemd's haproxy.service that run now; not those of a container on this host.</summary>
    public static IReadOnlyList<HaproxyProcess> Workers(SwitchedHost host) => [.. HaproxyProcess.FindAll(host.Examined.Proc)
        .Where(worker => ProcFile.TryRead(ProcFile.Of(host.Examined.Proc, worker.Pid, "cgroup"))?.Contains($"/{UnitNames.Haproxy}", StringComparison.Ordinal) == true)];

    /// <summary>What the newest of them has read; of a HAProxy that does not run, what it will read.</summary>
    public static HaproxyConfig Read(SwitchedHost host) => Workers(host) is [.., var newest] ? newest.Config : HaproxyConfig.Read([host.Examined.HaproxyConfig]);

    /// <summary>The path of the unix datagram socket that the newest of them sends to, or where none runs that of the place; null = nobody has it.</summary>
    public static string? SendsTo(SwitchedHost host, SwitchPlace place)
    {
        string? path = Workers(host) is [.., var newest]
            ? newest.Config.Logs.Select(static log => log.SocketPath).OfType<string>().Select(to => newest.Root + to).FirstOrDefault()
            : place.HostPath;
        return path is not null && SideRoom.IsAlive(path) ? path : null;
    }

    /// <summary>Whether each of them finds that file there. False where none runs.</summary>
    public static bool AllFind(SwitchedHost host, SwitchPlace place, FileIdentity file)
    {
        IReadOnlyList<HaproxyProcess> workers = Workers(host);
        return workers.Count > 0 && workers.All(worker => FileCalls.Identify(worker.Root + place.Address) == file);
    }

    /// <summary>Waits until each finds the socket that the host has at the path.</summary>
    /// <exception cref="SwitchFailure">They do not.</exception>
    public static async Task DemandAsync(SwitchedHost host, SwitchPlace place, FileIdentity socket, CancellationToken stop)
    {
        if (!await SwitchedHost.WaitAsync(() => AllFind(host, place, socket), host.Patience, stop).ConfigureAwait(false))
            throw new SwitchFailure($"HAProxy does not find the new socket at {place}");
    }
}
