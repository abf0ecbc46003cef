using System.Globalization;
using Concentrator.Ingest;
using Concentrator.Native;

namespace Concentrator.Switch;

/// <summary>systemd makes our socket, under another name where others still have HAProxy's path. Nothing is sent to it yet.</summary>
internal sealed class SocketStep(SwitchedHost host, SwitchPlace place) : SwitchStep
{
    public const string StepName = "socket";

    private const string EnabledNote = "enabled by us";
    private const string InodeNote = "socket";

    private readonly SideRoom _room = new(place);

    public override string Name => StepName;

    public override string Describe() => place.IsOwnName
        ? $"let systemd make the socket {place.HostPath} (concentrator.socket), now and at each start of the host"
        : $"let systemd make our socket (concentrator.socket), beside {place.HostPath} at first: who reads there goes on";

    public override string? DescribeBack(JournalEntry entry) => "Concentrator and its socket stopped, neither starts with the host";

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (!await host.IsAsync("is-enabled", SwitchedHost.Socket, stop).ConfigureAwait(false)) entry[EnabledNote] = "yes";
        await host.SystemctlAsync(stop, "enable", "--quiet", SwitchedHost.Socket, SwitchedHost.Service).ConfigureAwait(false);
        Task Start() => host.SystemctlAsync(stop, "start", SwitchedHost.Socket);
        if (place.IsOwnName) await Start().ConfigureAwait(false);
        else await _room.UnseenAsync(Start).ConfigureAwait(false);

        string bound = place.IsOwnName ? place.HostPath : _room.Bound;
        if (!SideRoom.IsAlive(bound)) throw new SwitchFailure($"{SwitchedHost.Socket} is started and holds no socket at {place.HostPath}: systemctl status {SwitchedHost.Socket}");
        entry[InodeNote] = Number(bound);
        if (!place.IsOwnName) SideRoom.AddName(bound, _room.SecondName);
        return place.IsOwnName ? $"systemd holds our socket at {place.HostPath}" : $"systemd holds our socket, for now beside {place.HostPath}";
    }

    public override async Task UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        // Together: a socket that stays would start the service again. The service reads what waits in the socket before it ends.
        await host.SystemctlAsync(stop, "stop", SwitchedHost.Socket, SwitchedHost.Service).ConfigureAwait(false);
        if (entry[EnabledNote] is not null) await host.SystemctlAsync(stop, "disable", "--quiet", SwitchedHost.Socket, SwitchedHost.Service).ConfigureAwait(false);
        File.Delete(_room.SecondName);
        if (entry[InodeNote] is { } ours && Number(place.HostPath) == ours && PathTaker.At(place.HostPath) is not { IsAlive: true }) File.Delete(place.HostPath);
        _room.Clear();
    }

    private static string Number(string path) =>
        FileCalls.Identify(path) is { IsSocket: true } file ? file.Inode.ToString(CultureInfo.InvariantCulture) : "";
}
