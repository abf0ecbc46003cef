using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Checks the path of a unix listener: it is a socket of the right type, it has a reader, and HAProxy's user may write to it. HAProxy
/// neither logs nor counts it when any of this is wrong (docs/reference/haproxy.md, Datagrams).
/// </summary>
/// <param name="listener">A listener with a unix address.</param>
/// <param name="restart">The command that recreates the server's socket at its path.</param>
/// <param name="writers">HAProxy's workers, or its configured user when none runs.</param>
internal sealed class SocketPathCheck(ListenerOptions listener, string restart, IReadOnlyList<SocketWriter> writers)
{
    private readonly string _path = listener.Address.Path!;

    private string Subject => $"socket {_path}";

    public IEnumerable<Diagnosis> Look()
    {
        if (FileCalls.Identify(_path) is not { } file)
        {
            if (Marshal.GetLastPInvokeError() == FileCalls.NoAccess) return [Diagnosis.Warn(Subject, "this user cannot access the path", RefusedInspection.AtPath(_path))];
            string missing = Path.GetDirectoryName(_path) is { } directory && !Directory.Exists(directory) ? $"does not exist, nor does its directory {directory}" : "does not exist";
            return [Diagnosis.Fail(Subject, $"{missing}: messages sent to it are lost", restart)];
        }
        if (UnixSocketPath.IsPlaceholder(_path, file))
        {
            return [Diagnosis.Fail(
                Subject, "is an empty file, not a socket: systemd creates it where it mounts another socket over the path (haproxy.service); no server has bound the path", restart)];
        }
        if (!file.IsSocket)
            return [Diagnosis.Fail(Subject, "is a file, not a socket", $"mv {_path} {_path}.old && {restart}")];
        if (Probe() is { } dead) return [dead];
        Diagnosis[] refused = [.. writers.Select(Refusal).OfType<Diagnosis>()];
        return refused.Length > 0 ? refused : [Diagnosis.Ok(Subject, $"a {Kind} socket with a reader, mode {Mode()}{Writers()}")];
    }

    private string Kind => listener.Address.IsDatagram ? "datagram" : "stream";

    /// <summary>Connecting sends nothing, and the kernel refuses it when nobody holds the other end.</summary>
    private Diagnosis? Probe()
    {
        SocketType type = listener.Address.IsDatagram ? SocketType.Dgram : SocketType.Stream;
        using Socket probe = new(AddressFamily.Unix, type, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(_path));
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ProtocolType => Diagnosis.Fail(
                    Subject, $"is not a {Kind} socket: it belongs to another program or another listener",
                    $"\"{listener.Name}\": {{ \"Address\": \"{Other()}:{_path}\" }}, or stop the process that holds it: ss -xlp src {_path}"),
                SocketError.ConnectionRefused => Diagnosis.Fail(
                    Subject, "has no reader: its process has ended, and messages sent to it are lost", restart),
                SocketError.AccessDenied => Diagnosis.Warn(
                    Subject, $"this user cannot connect to it (mode {Mode()}), so its reader is unknown", RefusedInspection.AtPath(_path)),

                // A full queue: the socket has a holder.
                _ => null,
            };
        }
    }

    private string Other() => listener.Address.IsDatagram ? "unix-stream" : "unix-dgram";

    /// <summary>Why this sender cannot write to the socket; null when it can.</summary>
    private Diagnosis? Refusal(SocketWriter writer)
    {
        if (!writer.Account.MayWrite(_path))
        {
            string owner = FileCalls.OwnerOf(_path) is { } found ? $" of user {found.User}, group {found.Group}" : "";
            return Diagnosis.Fail(
                Subject, $"mode {Mode()}{owner} does not allow {writer.Name} (user {writer.Account.User}) to write: its messages are lost",
                $"chmod 0666 {_path}, and to make it permanent: \"{listener.Name}\": {{ \"Mode\": \"0666\" }} (with a socket unit: SocketMode=0666)");
        }
        string? closed = Directories(writer.Root).FirstOrDefault(directory => !writer.Account.MayEnter(directory));
        return closed is null ? null : Diagnosis.Fail(
            Subject, $"the directory {closed} does not allow {writer.Name} (user {writer.Account.User}) to enter: its messages are lost",
            $"chmod o+x {closed}");
    }

    /// <summary>The socket's parent directories, up to the writer's root.</summary>
    private IEnumerable<string> Directories(string root)
    {
        string top = Path.TrimEndingDirectorySeparator(root);
        for (string? at = Path.GetDirectoryName(_path); at is not null; at = Path.GetDirectoryName(at))
        {
            yield return at;
            if (at == top) yield break;
        }
    }

    private string Mode() => FileModeParser.Format(File.GetUnixFileMode(_path));

    private string Writers() => writers.Count == 0 ? "" : $", {string.Join(" and ", writers.Select(static w => w.Name))} can write";
}

/// <summary>A sender to a socket.</summary>
/// <param name="Name">The sender as shown in findings.</param>
/// <param name="Account">The account that it runs as.</param>
/// <param name="Root">Its root directory, as this process sees it. Directories above do not apply to it.</param>
internal sealed record SocketWriter(string Name, Account Account, string Root);
