using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Which process reads at a unix listener's path, and which others hold a socket that was bound there. The kernel keeps the path under
/// which a socket was bound (<c>/proc/net/unix</c>), even after another socket has replaced it: rsyslog still shows there after a
/// take-over, and the server does after rsyslog took the path back. Connecting tells which of them the path leads to.
/// </summary>
/// <param name="proc">The examined host's <c>/proc</c>.</param>
/// <param name="listener">A listener with a unix address.</param>
/// <param name="restart">The command that recreates the server's socket at its path.</param>
internal sealed class SocketHolderCheck(string proc, ListenerOptions listener, string restart)
{
    /// <summary>The file in rsyslog's directory with which Debian gives it HAProxy's socket.</summary>
    public const string Snippet = "49-haproxy.conf";

    private const string RemoveRsyslog = $"rm -f /etc/rsyslog.d/{Snippet}; systemctl restart rsyslog";

    private readonly string _path = listener.Address.Path!;

    private string Subject => $"holder of {_path}";

    public IEnumerable<Diagnosis> Look()
    {
        SocketHolders holders = new(proc);
        string[] bound = holders.Bound([_path, UnixSocketPath.TemporaryName(_path)]);
        string[] read = PathOwner.At(_path)?.Socket is { } socket ? [string.Create(CultureInfo.InvariantCulture, $"{socket}")] : bound;
        if (bound.Length + read.Length == 0) return [];
        SocketHolder[] readers = holders.Of(read);
        SocketHolder[] others = [.. holders.Of(bound).Except(readers)];
        if (readers.Length == 0) return [Diagnosis.Warn(Subject, "a process that this user cannot see", RefusedInspection.Anywhere())];

        SocketHolder[] strangers = [.. readers.Where(static holder => !holder.IsOurs)];
        if (strangers.Length == readers.Length) return strangers.Select(stranger => Taken(stranger, others.Any(static holder => holder.IsOurs)));
        string ours = string.Join(" and ", readers.Where(static holder => holder.IsOurs).Select(static holder => holder.Shown));
        SocketHolder[] left = [.. strangers.Concat(others).Where(static holder => !holder.IsOurs)];
        return left.Length == 0 ? [Diagnosis.Ok(Subject, ours)] : left.Select(Left);
    }

    private Diagnosis Taken(SocketHolder stranger, bool fromUs) => Diagnosis.Fail(
        Subject, $"{stranger.Shown} reads it, not Concentrator{(fromUs ? ", whose socket has lost its path" : "")}",
        stranger.Name == "rsyslogd" ? $"{RemoveRsyslog}; {restart}" : $"stop {stranger.Shown}, then: {restart}");

    private Diagnosis Left(SocketHolder stranger) => Diagnosis.Warn(
        Subject, $"Concentrator reads it, but {stranger.Shown} still holds a socket bound to this path and takes the path briefly when it starts or stops",
        stranger.Name == "rsyslogd" ? RemoveRsyslog : $"remove the path from the configuration of {stranger.Name}");
}
