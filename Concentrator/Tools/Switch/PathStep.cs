using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Starts the server, which gives its socket HAProxy's path by a rename: from one line to the next, lines arrive here. Undoing gives the
/// path to the next reader: to rsyslog's socket by a rename too. Only systemd can put journald's there, when it starts HAProxy.
/// </summary>
internal sealed class PathStep(SwitchedHost host, SwitchPlace place) : SwitchStep
{
    public const string StepName = "path";

    private const string SocketNote = "socket";
    private const string ReaderNote = "reader before";

    private readonly UnseenDirectory _room = new(place);

    public override string Name => StepName;

    public override string Describe() => place.IsOwnName
        ? "start Concentrator, which then waits for HAProxy's lines"
        : $"start Concentrator, which moves its socket to {place.HostPath}: HAProxy's next line arrives there, without a reload";

    public override string? DescribeBack(JournalEntry entry) => !place.IsContended ? null
        : entry[ReaderNote] is not null || !IsSystemdsToGive ? $"{place.HostPath} returned to its previous reader"
        : $"{place.HostPath} returned to journald, by stopping and starting HAProxy: only systemd can mount journald's socket there";

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (place.IsContended && UnseenDirectory.IsAlive(place.HostPath))
        {
            entry[ReaderNote] = "yes";
            UnseenDirectory.AddName(place.HostPath, _room.Before);
        }
        if (place.IsContended) entry[SocketNote] = UnseenDirectory.NumberOf(_room.SocketHardLink) ?? throw new SwitchFailure($"{_room.SocketHardLink} no longer exists");
        await host.SystemctlAsync(stop, "start", UnitNames.Service).ConfigureAwait(false);
        if (!place.IsContended) return $"Concentrator runs and reads {place.HostPath}";
        if (!await SwitchedHost.WaitAsync(() => UnseenDirectory.NumberOf(place.HostPath) == entry[SocketNote], host.Patience, stop).ConfigureAwait(false))
            throw new SwitchFailure($"{UnitNames.Service} runs but did not take over {place.HostPath}: journalctl --unit {UnitNames.Service}");
        await DemandViewAsync(stop).ConfigureAwait(false);
        return $"Concentrator runs, and {place.HostPath} is its socket, for HAProxy too";
    }

    public override async Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (entry[SocketNote] is not { } ours) return null;

        // Without its second name the server neither takes the path nor takes it back. The third name keeps its queued lines reachable.
        if (UnseenDirectory.NumberOf(_room.SocketHardLink) == ours) UnseenDirectory.AddName(_room.SocketHardLink, _room.Ours);
        File.Delete(_room.SocketHardLink);
        if (UnseenDirectory.NumberOf(place.HostPath) != ours) return null;
        if (Array.Find([_room.Bound, _room.Before], socket => UnseenDirectory.IsAlive(socket) && UnseenDirectory.NumberOf(socket) != ours) is { } successor)
        {
            if (!await SwitchedHost.WaitAsync(() => IsGivenTo(successor), host.Patience, stop).ConfigureAwait(false))
                throw new SwitchFailure($"HAProxy does not find the former socket at {place}");
        }
        else if (IsSystemdsToGive)
        {
            // Removing a path under a mount detaches the mount. So the path is removed before systemd makes the mount.
            await host.SystemctlAsync(stop, "stop", UnitNames.Haproxy).ConfigureAwait(false);
            try
            {
                File.Delete(place.HostPath);
            }
            finally
            {
                await host.SystemctlAsync(stop, "start", UnitNames.Haproxy).ConfigureAwait(false);
            }
        }
        return null;
    }

    /// <summary>Handles a server that systemd is restarting: it recreates its second name, and takes the path back once.</summary>
    private bool IsGivenTo(string successor)
    {
        FileIdentity socket = FileCalls.Identify(successor) ?? throw new SwitchFailure($"{successor} no longer exists");
        if (FileCalls.Identify(place.HostPath) != socket) _room.GivePathTo(successor);
        File.Delete(_room.SocketHardLink);
        return FileCalls.Identify(place.HostPath) == socket && (WorkerViews.Workers(host).Count == 0 || WorkerViews.AllFind(host, place, socket));
    }

    private bool IsSystemdsToGive => UnitMountCheck.Mounts(host.Examined, place.HostPath, except: host.HaproxyDropIn);

    private Task DemandViewAsync(CancellationToken stop) => FileCalls.Identify(place.HostPath) is { } socket
        ? WorkerViews.DemandAsync(host, place, socket, stop)
        : throw new SwitchFailure($"{place.HostPath} no longer exists");
}
