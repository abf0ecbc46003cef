using Concentrator.Configuration;

namespace Concentrator.Doctor;

/// <summary>
/// Which processes hold a socket that was bound at a unix listener's path. The kernel keeps the name under which a socket was
/// bound (<c>/proc/net/unix</c>), also after another has been put in its place: so rsyslog still shows there after a take-over,
/// and takes the path back when it is restarted.
/// </summary>
internal sealed class SocketHolderCheck(string proc, ListenerOptions listener)
{
    private const string RemoveRsyslog = "rm /etc/rsyslog.d/49-haproxy.conf && systemctl restart rsyslog && systemctl restart concentrator";

    private readonly string _path = listener.Address.Path!;

    private string Subject => $"holder of {_path}";

    public IEnumerable<Diagnosis> Look()
    {
        HashSet<string> sockets = [.. SocketsBoundHere().Select(static inode => $"socket:[{inode}]")];
        if (sockets.Count == 0) return [];
        Holder[] holders = [.. ProcFile.Pids(proc).Where(pid => Holds(pid, sockets)).Select(Describe)];

        Holder[] strangers = [.. holders.Where(static holder => !holder.IsOurs)];
        bool isOurs = strangers.Length < holders.Length;
        if (holders.Length == 0)
        {
            return [Diagnosis.Warn(
                Subject, "a process that is not shown to this user", "sudo concentrator doctor")];
        }
        return strangers.Length == 0
            ? [Diagnosis.Ok(Subject, string.Join(" and ", holders.Select(static holder => holder.Shown)))]
            : strangers.Select(stranger => isOurs ? Left(stranger) : Taken(stranger));
    }

    private Diagnosis Taken(Holder stranger) => Diagnosis.Fail(
        Subject, $"{stranger.Shown} reads there, not Concentrator",
        stranger.Name == "rsyslogd" ? RemoveRsyslog : $"stop {stranger.Shown}, then: systemctl restart concentrator");

    private Diagnosis Left(Holder stranger) => Diagnosis.Warn(
        Subject, $"Concentrator reads there, but {stranger.Shown} still holds a socket that was bound there, and will take the path back when it restarts",
        stranger.Name == "rsyslogd" ? RemoveRsyslog : $"take the path from the configuration of {stranger.Name}");

    /// <summary>Lines of /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path.</summary>
    private IEnumerable<string> SocketsBoundHere()
    {
        string[] names = [_path, _path + "~"];
        foreach (string line in (ProcFile.TryRead(Path.Combine(proc, "net", "unix")) ?? "").Split('\n'))
        {
            string[] fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 8 && names.Contains(fields[7])) yield return fields[6];
        }
    }

    private bool Holds(int pid, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(ProcFile.Of(proc, pid, "fd")).Any(fd => ProcFile.TryFollow(fd) is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected: the process has ended meanwhile, or belongs to someone else.
            return false;
        }
    }

    /// <summary>systemd holds the sockets of socket units for us, before and beside the server.</summary>
    private Holder Describe(int pid)
    {
        string name = ProcFile.Name(proc, pid) ?? "a process";
        return new Holder(pid, name, (pid == 1 && name == "systemd") || ServerProcesses.IsServer(proc, pid));
    }

    private sealed record Holder(int Pid, string Name, bool IsOurs)
    {
        public string Shown => $"{Name} (pid {Pid})";
    }
}
