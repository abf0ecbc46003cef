using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>What HAProxy's workers see at the path they send to. Their own root and mounts count, not the host's.</summary>
internal static class WorkerViews
{
    /// <summary>The running workers of systemd's haproxy.service, without those of containers on this host.</summary>
    public static IReadOnlyList<HaproxyProcess> Workers(SwitchedHost host) => [.. HaproxyProcess.FindAll(host.Examined.Proc)
        .Where(worker => ProcFile.TryRead(ProcFile.Of(host.Examined.Proc, worker.Pid, "cgroup"))?.Contains($"/{UnitNames.Haproxy}", StringComparison.Ordinal) == true)];

    /// <summary>The newest worker, once it is in its chroot: before that it sees the host's paths.</summary>
    /// <exception cref="SwitchFailure">There is none in time.</exception>
    public static async Task<HaproxyProcess> NewestAsync(SwitchedHost host, CancellationToken stop)
    {
        HaproxyProcess? newest = null;
        if (await SwitchedHost.WaitAsync(() => (newest = Newest(host)) is null or { IsInItsChroot: true }, host.Patience, stop).ConfigureAwait(false))
            return newest ?? throw new SwitchFailure("HAProxy is no longer running");
        throw new SwitchFailure(FormattableString.Invariant($"HAProxy's worker (pid {newest?.Pid}) is not in its chroot {newest?.Config.Chroot}: systemctl reload {UnitNames.Haproxy}"));
    }

    /// <summary>The configuration that the newest worker has read; without a worker, the one that HAProxy would read.</summary>
    public static HaproxyConfig Read(SwitchedHost host) => Newest(host)?.Config ?? HaproxyConfig.Read([host.Examined.HaproxyConfig]);

    /// <summary>The datagram socket that the newest worker sends to, or the place's without a worker; null = no reader.</summary>
    public static string? SendsTo(SwitchedHost host, SwitchPlace place)
    {
        string? path = Newest(host) is { } newest
            ? newest.Config.Logs.Select(static log => log.SocketPath).OfType<string>().Select(to => newest.Root + to).FirstOrDefault()
            : place.HostPath;
        return path is not null && UnseenDirectory.IsAlive(path) ? path : null;
    }

    /// <summary>Whether every worker sees that file there. False without a worker.</summary>
    public static bool AllFind(SwitchedHost host, SwitchPlace place, FileIdentity file)
    {
        IReadOnlyList<HaproxyProcess> workers = Workers(host);
        return workers.Count > 0 && workers.All(worker => FileCalls.Identify(worker.Root + place.Address) == file);
    }

    /// <summary>Waits until every worker sees the host's socket at the path.</summary>
    /// <exception cref="SwitchFailure">A worker does not see it in time.</exception>
    public static async Task DemandAsync(SwitchedHost host, SwitchPlace place, FileIdentity socket, CancellationToken stop)
    {
        if (!await SwitchedHost.WaitAsync(() => AllFind(host, place, socket), host.Patience, stop).ConfigureAwait(false))
            throw new SwitchFailure($"HAProxy does not find the new socket at {place}");
    }

    private static HaproxyProcess? Newest(SwitchedHost host) => Workers(host) is [.., var newest] ? newest : null;
}
