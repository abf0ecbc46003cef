using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// The server starts, and gives its socket HAProxy's path by a rename: from one line to the next they come here. Back, the path is given to
/// who reads there next: to rsyslog's socket in the same way. Journald's can be put there by systemd alone, when it starts HAProxy.
/// </summary>
internal sealed class PathStep(SwitchedHost host, SwitchPlace place) : SwitchStep
{
    public const string StepName = "path";

    private const string SocketNote = "socket";
    private const string ReaderNote = "reader before";

    private readonly SideRoom _room = new(place);

    public override string Name => StepName;

    public override string Describe() => place.IsOwnName
        ? "start Concentrator, which waits for HAProxy's lines"
        : $"start Concentrator, which gives its socket the path {place.HostPath}: HAProxy's next line comes here, without a reload";

    public override string? DescribeBack(JournalEntry entry) => !place.IsContended ? null
        : entry[ReaderNote] is not null || !IsSystemdsToGive ? $"{place.HostPath} given back to who read there before"
        : $"{place.HostPath} given back to the journal, for which HAProxy is stopped and started: only systemd can mount the journal's socket there";

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (place.IsContended && SideRoom.IsAlive(place.HostPath))
        {
            entry[ReaderNote] = "yes";
            SideRoom.AddName(place.HostPath, _room.Before);
        }
        if (place.IsContended) entry[SocketNote] = SideRoom.NumberOf(_room.SecondName) ?? throw new SwitchFailure($"{_room.SecondName} is gone");
        await host.SystemctlAsync(stop, "start", UnitNames.Service).ConfigureAwait(false);
        if (!place.IsContended) return $"Concentrator runs and reads {place.HostPath}";
        if (!await SwitchedHost.WaitAsync(() => SideRoom.NumberOf(place.HostPath) == entry[SocketNote], host.Patience, stop).ConfigureAwait(false))
            throw new SwitchFailure($"{UnitNames.Service} runs, but does not take {place.HostPath}: journalctl --unit {UnitNames.Service}");
        await DemandViewAsync(stop).ConfigureAwait(false);
        return $"Concentrator runs, and {place.HostPath} is its socket, for HAProxy too";
    }

    public override async Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (entry[SocketNote] is not { } ours) return null;

        // Without its second name the server does not take the path, nor takes it again; what waits in its socket is found by another.
        if (SideRoom.NumberOf(_room.SecondName) == ours) SideRoom.AddName(_room.SecondName, _room.Ours);
        File.Delete(_room.SecondName);
        if (SideRoom.NumberOf(place.HostPath) != ours) return null;
        if (Array.Find([_room.Bound, _room.Before], socket => SideRoom.IsAlive(socket) && SideRoom.NumberOf(socket) != ours) is { } successor)
        {
            if (!await SwitchedHost.WaitAsync(() => IsGivenTo(successor), host.Patience, stop).ConfigureAwait(false))
                throw new SwitchFailure($"HAProxy does not find the former socket at {place}");
        }
        else if (IsSystemdsToGive)
        {
            // What is removed under a mount detaches it: so before the mount is made.
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

    /// <summary>A server that systemd starts again just then names its socket a second time, and takes the path back once.</summary>
    private bool IsGivenTo(string successor)
    {
        FileIdentity socket = FileCalls.Identify(successor) ?? throw new SwitchFailure($"{successor} is gone");
        if (FileCalls.Identify(place.HostPath) != socket) _room.GivePathTo(successor);
        File.Delete(_room.SecondName);
        return FileCalls.Identify(place.HostPath) == socket && (Views.Workers(host).Count == 0 || Views.AllFind(host, place, socket));
    }

    private bool IsSystemdsToGive => UnitMountCheck.Mounts(host.Examined, place.HostPath, except: host.HaproxyDropIn);

    private Task DemandViewAsync(CancellationToken stop) => FileCalls.Identify(place.HostPath) is { } socket
        ? Views.DemandAsync(host, place, socket, stop)
        : throw new SwitchFailure($"{place.HostPath} is gone");
}
