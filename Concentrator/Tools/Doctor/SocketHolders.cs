using System.Net.Sockets;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>Finds the processes that hold a unix socket, and tells which of them are the server.</summary>
/// <param name="proc">The examined host's <c>/proc</c>.</param>
internal sealed class SocketHolders(string proc)
{
    /// <summary>
    /// Inode numbers of the sockets that were bound under one of these names, in this process's network namespace. The kernel keeps a
    /// socket's path even after another socket has replaced it. An abstract name belongs to one socket per type.
    /// </summary>
    /// <param name="names">The names as /proc/net/unix shows them.</param>
    /// <param name="type">The socket type; null = any.</param>
    public string[] Bound(string[] names, SocketType? type = null) =>
        SocketReaders.Numbers((ProcFile.TryRead(Path.Combine(proc, "net", "unix")) ?? "").Split('\n'), names, type);

    /// <summary>The processes that hold one of the sockets with these numbers, as far as this user may see.</summary>
    public SocketHolder[] Of(IEnumerable<string> sockets)
    {
        HashSet<string> links = [.. sockets.Select(ProcFile.SocketTarget)];
        return links.Count == 0 ? [] : [.. ProcFile.Pids(proc).Where(pid => ProcFile.Descriptors(proc, pid).Any(open => links.Contains(open.Target))).Select(Describe)];
    }

    /// <summary>Describes a holder. systemd holds sockets for the server, before it starts and while it runs.</summary>
    private SocketHolder Describe(int pid)
    {
        string name = ProcFile.Name(proc, pid) ?? "a process";
        return new SocketHolder(pid, name, (pid == 1 && name == "systemd") || ServerProcesses.IsServer(proc, pid));
    }
}

/// <summary>A process that holds a socket.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Name">The name of its program.</param>
/// <param name="IsOurs">Whether it is a Concentrator, or the service manager that holds sockets for one.</param>
internal sealed record SocketHolder(int Pid, string Name, bool IsOurs)
{
    /// <summary>The holder as shown in findings.</summary>
    public string Shown => $"{Name} (pid {Pid})";
}
