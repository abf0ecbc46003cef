using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Datagrams;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// How many lines a unix datagram socket holds while its reader is stalled, before HAProxy drops lines. Two limits apply: the queue length,
/// fixed when the socket is created, and the send buffer of each HAProxy thread. Raising only one of them has no effect
/// (docs/reference/haproxy.md, Datagrams).
/// </summary>
/// <param name="host">The host whose settings are read.</param>
/// <param name="listener">A listener on a unix datagram socket.</param>
/// <param name="sender">HAProxy's side; null when none is known.</param>
/// <param name="traffic">The current message rate.</param>
internal sealed class KernelQueueCheck(ExaminedHost host, ListenerOptions listener, QueueSender? sender, Traffic traffic)
{
    public const string QueueLength = "net.unix.max_dgram_qlen";

    /// <summary>The command that lengthens the queue and enlarges the buffers.</summary>
    public static string Remedy(ExaminedHost host) => $"concentrator doctor --fix && {host.ApplySettings}";

    /// <summary>Bytes of a send buffer that the kernel charges for a line of 250 to 512 bytes (167 of them in 212,992).</summary>
    private const long CostOfLine = 1280;

    // Milliseconds: a stall that every host has now and then (garbage collection, disk, a neighbour), and one at the scale of seconds.
    private const double ShortStall = 10;
    private const double LongStall = 100;

    public IEnumerable<Diagnosis> Look()
    {
        if (ProcFile.TrySetting(host.Proc, QueueLength) is not { } length)
            return [Diagnosis.Warn(QueueLength, "cannot be read", "sysctl net.unix.max_dgram_qlen")];

        // The kernel accepts one more datagram than the setting says.
        return [Queue(length), .. Sender(length + 1)];
    }

    private Diagnosis Queue(long length)
    {
        string finding = $"{length}: the socket {listener.Address.UnixName} holds {traffic.TimeFor(listener.Name, length + 1)}";
        if (traffic.Milliseconds(listener.Name, length + 1) < ShortStall)
            return Diagnosis.Fail(QueueLength, $"{finding}; in a burst HAProxy drops the rest", Remedy(host));
        if (length < DatagramQueueLength.Wanted)
            return Diagnosis.Warn(QueueLength, $"{finding}; {DatagramQueueLength.Wanted} absorb a burst", Remedy(host));
        return ChangedSinceStart() is { } changed
            ? Diagnosis.Warn(QueueLength, $"{finding}, provided it was set before the socket was created: {changed}", host.RestartServer)
            : Diagnosis.Ok(QueueLength, $"{finding}, provided it was set before the socket was created (the kernel does not report that)");
    }

    /// <summary>A settings file that is newer than the server's start; null when there is none, or no server answers.</summary>
    private string? ChangedSinceStart()
    {
        if (traffic.ServerStarted is not { } started || Path.GetDirectoryName(host.SysctlFile) is not { } directory || !Directory.Exists(directory)) return null;
        string? younger = Directory.EnumerateFiles(directory, "*.conf").FirstOrDefault(file =>
            File.GetLastWriteTimeUtc(file) > started && (ProcFile.TryRead(file)?.Contains(QueueLength, StringComparison.Ordinal) ?? false));
        return younger is null ? null : string.Create(
            CultureInfo.InvariantCulture, $"{younger} was changed after the server started ({started.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'})");
    }

    private IEnumerable<Diagnosis> Sender(long queue)
    {
        if (sender is null) yield break;
        (string setting, long bytes) = SendBuffer(sender);
        long lines = Math.Max(1, bytes / CostOfLine);
        long all = Math.Min(queue, lines * sender.Threads);
        string finding = string.Create(
            CultureInfo.InvariantCulture,
            $"{bytes:#,0} bytes: {lines:#,0} lines of 250 to 512 bytes for each of HAProxy's {sender.Threads} threads; with the queue {traffic.TimeFor(listener.Name, all)}");
        double time = traffic.Milliseconds(listener.Name, all);
        string larger = sender.Version is null || sender.Version >= QueueSender.KnowsSendBuffer
            ? $"tune.sndbuf.backend 8388608    (in the section global of haproxy.cfg), and: {Remedy(host)}"
            : Remedy(host);
        if (time < ShortStall) yield return Diagnosis.Fail(setting, $"{finding}; in a burst HAProxy drops the rest", larger);
        else if (time < LongStall) yield return Diagnosis.Warn(setting, $"{finding}; a longer queue alone does not help", larger);
        else yield return Diagnosis.Ok(setting, finding);
    }

    /// <summary>The send buffer of HAProxy's sockets: the requested size, up to wmem_max, doubled; otherwise the default.</summary>
    private (string Setting, long Bytes) SendBuffer(QueueSender haproxy)
    {
        const long KernelsOwn = 212_992;
        if (haproxy.SendBuffer is { } wanted)
        {
            long most = ProcFile.TrySetting(host.Proc, "net.core.wmem_max") ?? KernelsOwn;
            return wanted <= most
                ? ("tune.sndbuf.backend", 2 * wanted)
                : (string.Create(CultureInfo.InvariantCulture, $"tune.sndbuf.backend (limited by net.core.wmem_max = {most})"), 2 * most);
        }
        return ("net.core.wmem_default", ProcFile.TrySetting(host.Proc, "net.core.wmem_default") ?? KernelsOwn);
    }
}

/// <summary>HAProxy as a sender of datagrams.</summary>
/// <param name="Threads">The number of threads. Each has its own socket.</param>
/// <param name="SendBuffer"><c>tune.sndbuf.backend</c> in bytes; null = not set.</param>
/// <param name="Version">HAProxy's version; null = unknown.</param>
internal sealed record QueueSender(int Threads, long? SendBuffer, Version? Version)
{
    /// <summary>The first version with <c>tune.sndbuf.backend</c>.</summary>
    public static readonly Version KnowsSendBuffer = new(2, 9);
}
