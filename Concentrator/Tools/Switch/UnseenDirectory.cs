using System.Globalization;
using System.Runtime.InteropServices;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// A directory inside HAProxy's chroot where sockets are bound before they get HAProxy's path. systemd and rsyslog remove a path before
/// they bind to it: meanwhile it names nothing, and removing a path under Debian's mount detaches the mount. So while they bind, the host
/// sees this directory in place of the chroot (<see cref="UnseenAsync"/>). HAProxy, whose root is the chroot itself, still sees the files
/// below. A rename then gives the path to the new socket without a gap (<see cref="GivePathTo"/>).
/// A worker that changes its root meanwhile has this directory for its root. What leads the host to the new socket, an absolute symbolic link, leads that
/// worker to the present one, because the kernel follows it from the worker's own root.
/// </summary>
internal sealed class UnseenDirectory(SwitchPlace place)
{
    private const string Name = ".concentrator-switch";
    private const string BoundName = ".bound";

    private readonly string _room = Path.Combine(place.Chroot, Name);

    /// <summary>Where the link leads, which the host finds in this directory because it covers the chroot.</summary>
    private readonly string _beyond = Path.Combine(place.Chroot, BoundName);

    /// <summary>The directory of HAProxy's path that is a link here.</summary>
    private readonly string _directory = Path.GetDirectoryName(place.Address) ?? "/";

    /// <summary>The path of a socket that was bound out of HAProxy's sight.</summary>
    public string Bound => HasLink ? Path.Combine(_room, BoundName) + place.Address : _room + place.Address;

    /// <summary>
    /// Whether there is such a link. A path in the root directory has no directory to be one, and a link must not lead through itself. Then a worker that
    /// has changed its root meanwhile finds no socket between a program's removal of the path and its bind.
    /// </summary>
    private bool HasLink => _directory != "/" && FirstOf(_directory) != FirstOf(_beyond);

    /// <summary>A second name of the socket that had the path before. Its holder continues to read it.</summary>
    public string Before => Path.Combine(_room, "before");

    /// <summary>A name of our own socket for the way back, when it has no other.</summary>
    public string Ours => Path.Combine(_room, "ours");

    /// <summary>The name by which the server finds its socket and gives it its path (<see cref="SocketHardLink"/>).</summary>
    public string SocketHardLink { get; } = new SocketHardLink(place.HostPath).Name;

    /// <summary>Whether a process holds a socket of that name.</summary>
    public static bool IsAlive(string path) => FileCalls.Identify(path) is { IsSocket: true } && PathOwner.At(path) is { IsAlive: true };

    /// <summary>The inode number that identifies a socket under any name, as noted in the journal; null when there is none.</summary>
    public static string? NumberOf(string path) =>
        FileCalls.Identify(path) is { IsSocket: true } file ? file.Inode.ToString(CultureInfo.InvariantCulture) : null;

    /// <summary>Whether a worker has changed its root while this directory covered the chroot.</summary>
    public bool IsRootOf(HaproxyProcess worker) => FileCalls.Identify($"{_room}/.") is { } room && FileCalls.Identify($"{worker.Root}/.") == room;

    /// <summary>
    /// Runs an action. A socket bound at HAProxy's path meanwhile is at <see cref="Bound"/>, unseen by HAProxy. A worker that changes its root meanwhile
    /// still sends to the present socket, and must be replaced afterwards (<see cref="HaproxyReload.FreeAsync"/>).
    /// </summary>
    /// <exception cref="SwitchFailure">The kernel refuses a mount.</exception>
    public async Task UnseenAsync(Func<Task> action)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Bound)!);
        if (HasLink) Link();
        if (IsAlive(place.HostPath)) AddName(place.HostPath, HasLink ? _room + _beyond + place.Address : Bound);
        Demand(MountCalls.Bind(_room, place.Chroot), $"{_room} cannot be mounted over {place.Chroot}");
        try
        {
            await action().ConfigureAwait(false);
        }
        finally
        {
            Demand(MountCalls.Detach(place.Chroot), $"the mount over {place.Chroot} cannot be removed");
        }
    }

    /// <summary>Runs an action during which HAProxy's path cannot be removed, because it is bind-mounted on itself.</summary>
    /// <exception cref="SwitchFailure">The kernel refuses a mount.</exception>
    public async Task HeldAsync(Func<Task> action)
    {
        Demand(MountCalls.Bind(place.HostPath, place.HostPath), $"{place.HostPath} cannot be pinned by a mount");
        try
        {
            await action().ConfigureAwait(false);
        }
        finally
        {
            Demand(MountCalls.Detach(place.HostPath), $"the mount over {place.HostPath} cannot be removed");
        }
    }

    /// <summary>Adds a hard link to a socket.</summary>
    public static void AddName(string socket, string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(name)!);
        File.Delete(name);
        if (FileCalls.Link(socket, name) != 0) throw new SwitchFailure($"cannot link {socket} as {name}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Makes HAProxy send to that socket from now on. The socket that had the path before is not touched.</summary>
    public void GivePathTo(string socket)
    {
        string beside = place.HostPath + "~switch";
        AddName(socket, beside);
        SeamlessRename.Move(beside, place.HostPath);
    }

    /// <summary>Removes the directory, and what a killed run left behind.</summary>
    public void Clear()
    {
        Unmount();
        if (Directory.Exists(_room)) Directory.Delete(_room, recursive: true);
    }

    /// <summary>Removes the mounts that a killed run left behind.</summary>
    public void Unmount()
    {
        // mountinfo(5): id, parent, device, root within the file system, mount point.
        foreach (string line in (ProcFile.TryRead("/proc/self/mountinfo") ?? "").Split('\n').Reverse())
        {
            string[] fields = line.Split(' ');
            if (fields.Length < 5) continue;
            bool isCover = fields[4] == place.Chroot && fields[3].EndsWith($"/{Name}", StringComparison.Ordinal);
            bool isHold = fields[4] == place.HostPath && fields[3].EndsWith(place.Address, StringComparison.Ordinal);
            if (isCover || isHold) Demand(MountCalls.Detach(fields[4]), $"the mount over {fields[4]} cannot be removed");
        }
    }

    private void Link()
    {
        string link = _room + _directory;
        if (new DirectoryInfo(link).LinkTarget is not null) return;
        if (Directory.Exists(link)) Directory.Delete(link, recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Directory.CreateSymbolicLink(link, _beyond + _directory);
    }

    private static string FirstOf(string path) => path.Split('/', 3)[1];

    private static void Demand(string? refusal, string what)
    {
        if (refusal is not null) throw new SwitchFailure($"{what}: {refusal}");
    }
}
