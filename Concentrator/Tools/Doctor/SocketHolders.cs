using System.Net.Sockets;
using Concentrator.Ingest.Sockets;

namespace Concentrator.Tools.Doctor;

/// <summary>Which processes hold a unix socket, and which of them are ours.</summary>
/// <param name="proc">The host's.</param>
internal sealed class SocketHolders(string proc)
{
    /// <summary>
    /// Numbers of the sockets that were bound under one of these names, in this process's network namespace. The kernel keeps a path under which
    /// a socket was bound when another has been put in its place; an abstract name belongs to one socket of a kind.
    /// </summary>
    /// <param name="names">As /proc/net/unix shows them.</param>
    /// <param name="type">Null = any.</param>
    public string[] Bound(string[] names, SocketType? type = null) =>
        SocketReaders.Numbers((ProcFile.TryRead(Path.Combine(proc, "net", "unix")) ?? "").Split('\n'), names, type);

    /// <summary>Who holds one of the sockets with these numbers, as far as this user may see.</summary>
    public SocketHolder[] Of(IEnumerable<string> sockets)
    {
        HashSet<string> links = [.. sockets.Select(ProcFile.SocketTarget)];
        return links.Count == 0 ? [] : [.. ProcFile.Pids(proc).Where(pid => ProcFile.Descriptors(proc, pid).Any(open => links.Contains(open.Target))).Select(Describe)];
    }

    /// <summary>systemd holds sockets for us, before and beside the server.</summary>
    private SocketHolder Describe(int pid)
    {
        string name = ProcFile.Name(proc, pid) ?? "a process";
        return new SocketHolder(pid, name, (pid == 1 && name == "systemd") || ServerProcesses.IsServer(proc, pid));
    }
}

/// <summary>A process that holds a socket.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Name">Of its program.</param>
/// <param name="IsOurs">Whether it is a Concentrator, or the service manager that holds sockets for one.</param>
internal sealed record SocketHolder(int Pid, string Name, bool IsOurs)
{
    /// <summary>For people.</summary>
    public string Shown => $"{Name} (pid {Pid})";
}
