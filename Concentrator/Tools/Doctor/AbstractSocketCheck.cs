using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Checks a listener's abstract socket: that the name is bound, that the server holds it, and that HAProxy sends to that same name. File
/// modes and mounts do not apply. What can go wrong is a separate network namespace, in which the name does not exist, or a name that only
/// one side pads (<see cref="AbstractName.IsPadded"/>). HAProxy counts neither loss.
/// </summary>
/// <param name="proc">The examined host's <c>/proc</c>.</param>
/// <param name="listener">A listener with an abstract address.</param>
/// <param name="restart">The command that recreates the server's socket.</param>
/// <param name="workers">HAProxy's worker processes.</param>
internal sealed class AbstractSocketCheck(string proc, ListenerOptions listener, string restart, IReadOnlyList<HaproxyProcess> workers)
{
    private const string OneNetwork =
        "run both in one network namespace (no PrivateNetwork= or NetworkNamespacePath=; for containers: network_mode: host), or use a path: ";

    private readonly AbstractName _name = listener.Address.Abstract!;

    private SocketType Type => listener.Address.IsDatagram ? SocketType.Dgram : SocketType.Stream;

    private string Subject => $"socket {_name}";

    public IEnumerable<Diagnosis> Look()
    {
        SocketHolders holders = new(proc);
        string[] bound = holders.Bound([_name.Shown], Type);
        SocketHolder[] found = holders.Of(bound);
        yield return Holder(isBound: bound.Length > 0, found);
        string? network = found.Where(static holder => holder.IsOurs).Select(holder => NetworkNamespace.Of(proc, holder.Pid)).FirstOrDefault(static at => at is not null);
        foreach (HaproxyProcess worker in workers)
        {
            foreach ((string place, HaproxyAddress address) in worker.Config.Logs.Where(worker.Config.IsUsed).SelectMany(worker.Config.EndsOf)
                .Where(end => IsMeant(end.Address)).DistinctBy(static end => end.Address.Text))
                yield return View(worker, place, address.Abstract!, network ?? NetworkNamespace.Own);
        }
    }

    private Diagnosis Holder(bool isBound, SocketHolder[] found)
    {
        if (!isBound)
        {
            return Elsewhere() is { } pid
                ? Diagnosis.Warn(
                    Subject, $"Concentrator (pid {pid}) is in another network namespace than this command, and an abstract name is visible only in its own",
                    $"nsenter -t {pid} -n concentrator doctor")
                : Diagnosis.Fail(Subject, "no process holds the name: messages sent to it are lost", restart);
        }
        if (found.Length == 0) return Diagnosis.Warn(Subject, "held by a process that this user cannot see", RefusedInspection.Anywhere());
        SocketHolder[] ours = [.. found.Where(static holder => holder.IsOurs)];
        return ours.Length == 0
            ? Diagnosis.Fail(Subject, $"{found[0].Shown} holds the name, not Concentrator", $"stop {found[0].Shown}, then: {restart}")
            : Diagnosis.Ok(Subject, $"a {(listener.Address.IsDatagram ? "datagram" : "stream")} socket, held by {string.Join(" and ", ours.Select(static holder => holder.Shown))}");
    }

    /// <summary>The pid of a server in another network namespace; null when none is visible.</summary>
    private int? Elsewhere()
    {
        foreach (int pid in ProcFile.Pids(proc).Where(pid => ServerProcesses.IsServer(proc, pid)))
        {
            if (NetworkNamespace.Of(proc, pid) is { } network && network != NetworkNamespace.Own) return pid;
        }
        return null;
    }

    /// <summary>Whether the line names this socket, or a name that differs from it only in padding.</summary>
    private bool IsMeant(HaproxyAddress address) => address.Abstract?.Text == _name.Text && address.IsStream != listener.Address.IsDatagram;

    private Diagnosis View(HaproxyProcess worker, string place, AbstractName its, string? network)
    {
        string subject = $"HAProxy's view of {its}";
        if (!_name.IsSame(its))
        {
            return Diagnosis.Fail(
                subject, $"{place} leads to another socket than listener {listener.Name}: {AbstractName.PaddedKind} pads the name with NULs, {AbstractName.ShortKind} does not",
                $"\"{listener.Name}\": {{ \"Address\": \"{(listener.Address.IsDatagram ? "unix-dgram" : "unix-stream")}:{its}\" }}");
        }
        if (NetworkNamespace.Of(proc, worker.Pid) is not { } lives || network is null)
            return Diagnosis.Warn(subject, $"this user cannot see the network namespace of its worker (pid {worker.Pid})", RefusedInspection.Anywhere());
        return lives == network
            ? Diagnosis.Ok(subject, $"its worker (pid {worker.Pid}) sees the socket of listener {listener.Name}")
            : Diagnosis.Fail(
                subject, $"its worker (pid {worker.Pid}) is in another network namespace ({lives}), where that name is not the socket of listener {listener.Name}: all messages are lost",
                $"{OneNetwork}\"{listener.Name}\": {{ \"Address\": \"unix-dgram:/var/lib/haproxy/dev/log\" }}");
    }
}
