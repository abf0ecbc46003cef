using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Checks that the path HAProxy logs to leads to the listener's socket. HAProxy resolves it inside its own root and mounts. Debian's
/// haproxy.service mounts the host's <c>/dev/log</c>, which is journald's, over the listener's socket, and a mounted socket file stays the
/// old one after its server has created a new one (docs/reference/haproxy.md, The mount). The check compares device and inode through
/// <c>/proc/PID/root</c>, and finds the cause in <c>/proc/PID/mountinfo</c>.
/// </summary>
internal sealed class ChrootViewCheck(IReadOnlyList<HaproxyProcess> workers, IReadOnlyList<ListenerOptions> listeners)
{
    private readonly ListenerOptions[] _atPaths = [.. listeners.Where(static listener => listener.Address.Path is not null)];

    /// <summary>A one-line command that installs samples/haproxy.service.d/log.conf and applies it.</summary>
    public const string DropIn =
        "mkdir -p /etc/systemd/system/haproxy.service.d && printf '[Unit]\\nWants=concentrator.socket\\nAfter=concentrator.socket\\n"
        + "[Service]\\nBindReadOnlyPaths=\\n' > /etc/systemd/system/haproxy.service.d/log.conf && systemctl daemon-reload && systemctl restart haproxy";

    public IEnumerable<Diagnosis> Look() => workers.SelectMany(Look);

    private List<Diagnosis> Look(HaproxyProcess worker)
    {
        List<Diagnosis> found = [];
        string root = worker.Outside;
        foreach (HaproxyLogDirective log in worker.Config.Logs.Where(log => log.SocketPath is not null && worker.Config.IsUsed(log)).DistinctBy(static log => log.SocketPath))
        {
            string path = log.SocketPath!, outside = root + path;
            FileIdentity? seen = FileCalls.Identify(worker.Root + path);
            ListenerOptions? same = _atPaths.FirstOrDefault(listener => seen is not null && FileCalls.Identify(listener.Address.Path!) == seen);
            ListenerOptions? meant = same ?? _atPaths.FirstOrDefault(listener => listener.Address.Path == outside);
            string subject = $"HAProxy's view of {path}";
            if (same is not null) found.Add(Diagnosis.Ok(subject, $"its worker (pid {worker.Pid}) sees the socket of listener {same.Name}"));
            else if (worker.HasFormerChroot) found.Add(FromFormerRoot(worker, subject));
            else if (meant is not null) found.Add(Explain(worker, path, subject, meant, seen));
            else if (seen is null && root.Length > 0 && path.StartsWith($"{root}/", StringComparison.Ordinal)) found.Add(FromOutside(log, root, subject));
        }
        return found;
    }

    private static Diagnosis FromFormerRoot(HaproxyProcess worker, string subject) => Diagnosis.Fail(
        subject, $"{worker.Config.Chroot} was replaced after its worker (pid {worker.Pid}) had started, which still looks in the former directory: its messages do not arrive here",
        "systemctl reload haproxy");

    private static Diagnosis FromOutside(HaproxyLogDirective log, string root, string subject) => Diagnosis.Fail(
        subject, $"{log.Place} gives the path as seen outside the chroot {root}; HAProxy looks for it inside, at {root}{log.SocketPath}: all messages are lost",
        $"{HaproxyConfigLine.Better(log, log.SocketPath![root.Length..])}    (in haproxy.cfg, instead of this line)");

    private static Diagnosis Explain(HaproxyProcess worker, string path, string subject, ListenerOptions listener, FileIdentity? seen)
    {
        string ours = listener.Address.Path!;
        if (FileCalls.Identify(worker.Root) is null)
        {
            return Diagnosis.Warn(subject, $"this user cannot inspect the file system view of its worker (pid {worker.Pid})", RefusedInspection.Anywhere());
        }
        if (MountAt(worker.Mounts ?? "", path) is { } source)
        {
            return source.EndsWith("//deleted", StringComparison.Ordinal)
                ? Diagnosis.Fail(
                    subject, $"a socket that no longer exists is mounted there for its worker (pid {worker.Pid}): all messages are lost. "
                    + "Mount the socket's directory, not the socket itself", DropIn)
                : Diagnosis.Fail(
                    subject, $"{source} is mounted over {ours} for its worker (pid {worker.Pid}), so none of HAProxy's log lines arrive here "
                    + "(Debian's haproxy.service does that with BindReadOnlyPaths=)", DropIn);
        }
        return Diagnosis.Fail(
            subject,
            seen is null ? $"its worker (pid {worker.Pid}) finds no file there" : $"its worker (pid {worker.Pid}) sees a file there that is not {ours}",
            "systemctl restart haproxy");
    }

    /// <summary>The source of the mount at exactly that path, relative to its file system; null when nothing is mounted there.</summary>
    private static string? MountAt(string mounts, string path)
    {
        // mountinfo(5): id, parent, device, root within the file system, mount point as the process sees it.
        string? source = null;
        foreach (string line in mounts.Split('\n'))
        {
            string[] fields = line.Split(' ');
            if (fields.Length > 4 && fields[4] == path) source = fields[3];
        }
        return source;
    }
}
