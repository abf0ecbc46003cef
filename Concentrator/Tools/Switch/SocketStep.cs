using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>Makes systemd create our socket, under another name while others hold HAProxy's path. Nothing is sent to it yet.</summary>
internal sealed class SocketStep(SwitchedHost host, SwitchPlace place) : SwitchStep
{
    public const string StepName = "socket";

    private const string EnabledNote = "enabled by us";
    private const string InodeNote = "socket";

    private readonly UnseenDirectory _room = new(place);

    public override string Name => StepName;

    public override string Describe() => place.IsOwnName
        ? $"let systemd create the socket {place.HostPath} (concentrator.socket), now and at each boot"
        : $"let systemd create our socket (concentrator.socket), at first beside {place.HostPath}, whose reader is not disturbed";

    public override string? DescribeBack(JournalEntry entry) => "Concentrator and its socket stopped and no longer started at boot";

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (!await host.IsAsync("is-enabled", UnitNames.Socket, stop).ConfigureAwait(false)) entry[EnabledNote] = "yes";
        await host.SystemctlAsync(stop, "enable", "--quiet", UnitNames.Socket, UnitNames.Service).ConfigureAwait(false);
        Task Start() => host.SystemctlAsync(stop, "start", UnitNames.Socket);
        FileIdentity? former = place.IsContended ? FileCalls.Identify(place.HostPath) : null;
        await (place.IsContended ? _room.UnseenAsync(Start) : Start()).ConfigureAwait(false);

        string bound = place.IsContended ? _room.Bound : place.HostPath;
        if (!UnseenDirectory.IsAlive(bound) || FileCalls.Identify(bound) == former) throw new SwitchFailure($"{UnitNames.Socket} is started but holds no socket at {place.HostPath}: systemctl status {UnitNames.Socket}");
        entry[InodeNote] = UnseenDirectory.NumberOf(bound);
        if (place.IsContended)
        {
            UnseenDirectory.AddName(bound, _room.SocketHardLink);
            await new HaproxyReload(host).FreeAsync(_room, stop).ConfigureAwait(false);
        }
        return $"systemd holds our socket, {(place.IsContended ? "for now beside" : "at")} {place.HostPath}";
    }

    public override async Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        string? besides;
        using (WaitingLines? waiting = Hold(entry[InodeNote]))
        {
            // Both together, because a remaining socket unit would start the service again.
            await host.SystemctlAsync(stop, "stop", UnitNames.Socket, UnitNames.Service).ConfigureAwait(false);
            besides = waiting?.SendOn(WorkerViews.SendsTo(host, place));
        }
        if (entry[EnabledNote] is not null) await host.SystemctlAsync(stop, "disable", "--quiet", UnitNames.Socket, UnitNames.Service).ConfigureAwait(false);
        File.Delete(_room.SocketHardLink);
        if (entry[InodeNote] is { } ours && UnseenDirectory.NumberOf(place.HostPath) == ours && PathOwner.At(place.HostPath) is not { IsAlive: true }) File.Delete(place.HostPath);
        _room.Clear();
        return besides;
    }

    private WaitingLines? Hold(string? ours) =>
        Array.Find([_room.Ours, _room.SocketHardLink, place.HostPath], name => ours is not null && UnseenDirectory.NumberOf(name) == ours) is { } name ? WaitingLines.Hold(host, name) : null;
}
