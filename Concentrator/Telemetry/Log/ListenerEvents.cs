using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>Log events of listeners: their sockets, paths and datagrams (ids 200 to 220 and 290 to 299).</summary>
internal static partial class ListenerEvents
{
    [LoggerMessage(200, LogLevel.Information, "listener {Listener}: listening on {Address}")]
    public static partial void Listening(this ILogger log, string listener, string address);

    [LoggerMessage(201, LogLevel.Information, "listener {Listener}: stopped")]
    public static partial void ListenerStopped(this ILogger log, string listener);

    [LoggerMessage(202, LogLevel.Error, "listener {Listener}: read failed, continuing: {Reason}")]
    public static partial void ListenerFailed(this ILogger log, string listener, string reason);

    [LoggerMessage(204, LogLevel.Error, "listener {Listener}: cannot bind again after the reload: {Reason}")]
    public static partial void ListenerNotRebound(this ILogger log, string listener, string reason);

    [LoggerMessage(290, LogLevel.Warning, "listener {Listener}: {Path} {Fate}; restored")]
    public static partial void PathPutBack(this ILogger log, string listener, string path, string fate);

    [LoggerMessage(291, LogLevel.Error,
        "listener {Listener}: {Path} {Fate}; messages sent there are lost, and the path cannot be restored: {Reason}; to fix it: {Remedy}")]
    public static partial void PathLost(this ILogger log, string listener, string path, string fate, string reason, string remedy);

    [LoggerMessage(292, LogLevel.Information, "listener {Listener}: {Path} is our socket again after {Outage}")]
    public static partial void PathIsBack(this ILogger log, string listener, string path, TimeSpan outage);

    [LoggerMessage(293, LogLevel.Warning,
        "listener {Listener}: {Path} cannot be restored if it is removed, because its socket cannot be linked under a second name: {Reason}")]
    public static partial void PathWithoutSecondName(this ILogger log, string listener, string path, string reason);

    [LoggerMessage(294, LogLevel.Warning, "unix socket paths are checked every {Interval} because file system events are not available: {Reason}")]
    public static partial void PathsLookedAtRegularly(this ILogger log, TimeSpan interval, string reason);

    [LoggerMessage(295, LogLevel.Error, "{Path} cannot be checked")]
    public static partial void PathNotLookedAt(this ILogger log, string path, Exception exception);

    /// <param name="log">The logger.</param>
    /// <param name="listener">Name of the listener.</param>
    /// <param name="socket">Name under which the socket was passed.</param>
    /// <param name="address">Address to which the socket is bound.</param>
    [LoggerMessage(205, LogLevel.Information, "listener {Listener}: using inherited socket '{Socket}' at {Address}")]
    public static partial void SocketInherited(this ILogger log, string listener, string socket, string address);

    [LoggerMessage(206, LogLevel.Warning,
        "listener {Listener}: using inherited socket '{Socket}' at {Address} instead of its Address {Configured}, which is not bound")]
    public static partial void InheritedElsewhere(this ILogger log, string listener, string socket, string address, string configured);

    [LoggerMessage(207, LogLevel.Warning,
        "no listener matches the socket '{Socket}' at {Address} passed by the service manager: messages sent there are not read")]
    public static partial void InheritedUnwanted(this ILogger log, string socket, string address);

    [LoggerMessage(208, LogLevel.Warning, "the service manager passed a descriptor that is not a usable socket: {Descriptor}: {Reason}")]
    public static partial void DescriptorUnusable(this ILogger log, string descriptor, string reason);

    [LoggerMessage(209, LogLevel.Warning,
        "listener {Listener}: the service manager does not keep its socket, so messages sent during a restart are lost: {Reason}")]
    public static partial void SocketNotKept(this ILogger log, string listener, string reason);

    [LoggerMessage(210, LogLevel.Information, "datagram queue length net.unix.max_dgram_qlen raised from {Before} to {After}")]
    public static partial void DatagramQueueRaised(this ILogger log, int before, int after);

    [LoggerMessage(211, LogLevel.Warning,
        "datagram queue length net.unix.max_dgram_qlen is {Now} and cannot be raised ({Reason}): bursts will be lost; run: "
        + "sysctl -w net.unix.max_dgram_qlen=16384")]
    public static partial void DatagramQueueNotRaised(this ILogger log, int now, string reason);

    [LoggerMessage(212, LogLevel.Warning,
        "listener {Listener}: receive buffer is {Got:N0} of {Asked:N0} bytes: bursts may be lost; run: sysctl -w "
        + "net.core.rmem_max={Maximum}")]
    private static partial void ReceiveBufferSmaller(this ILogger log, string listener, int got, int asked, int maximum);

    /// <param name="log">The logger.</param>
    /// <param name="listener">Name of the listener.</param>
    /// <param name="got">Size of the socket's buffer now, in bytes.</param>
    /// <param name="asked">Configured size in bytes.</param>
    public static void ReceiveBufferSmaller(this ILogger log, string listener, int got, int asked) =>
        log.ReceiveBufferSmaller(listener, got, asked, maximum: asked);

    [LoggerMessage(213, LogLevel.Warning,
        "listener {Listener}: the kernel dropped {Count} datagrams before they were read; raise this listener's "
        + "ReceiveBuffer, and net.core.rmem_max if that limits it")]
    public static partial void KernelDropped(this ILogger log, string listener, long count);

    [LoggerMessage(214, LogLevel.Warning,
        "listener {Listener}: this kernel does not report how many datagrams it drops (SO_RXQ_OVFL: {Reason}); datagrams lost before they "
        + "are read are not counted")]
    public static partial void KernelDropsUnknown(this ILogger log, string listener, string reason);

    [LoggerMessage(215, LogLevel.Error,
        "listener {Listener}: a datagram was lost because the kernel had no memory to copy it; counted in concentrator_kernel_dropped_datagrams_total")]
    public static partial void DatagramNotPlaced(this ILogger log, string listener);

    [LoggerMessage(216, LogLevel.Warning,
        "listener {Listener}: HAProxy dropped {Count} lines because its socket was full (DroppedLogs); counted in "
        + "concentrator_lost_before_messages_total, and concentrator doctor names the remedy")]
    public static partial void DroppedByHaproxy(this ILogger log, string listener, long count);

    [LoggerMessage(217, LogLevel.Warning,
        "listener {Listener}: StatsSocket {Path} cannot be read, so HAProxy's DroppedLogs are not counted: {Reason}; tried again every 10 s")]
    public static partial void StatsSocketSilent(this ILogger log, string listener, string path, string reason);

    [LoggerMessage(218, LogLevel.Information,
        "listener {Listener}: HAProxy's stats socket is {Path} (haproxy.cfg); its DroppedLogs are counted as lost before this listener")]
    public static partial void StatsSocketFound(this ILogger log, string listener, string path);

    [LoggerMessage(219, LogLevel.Information,
        "listener {Listener}: HAProxy's stats socket {Path} (haproxy.cfg) cannot be read, so its DroppedLogs are not counted: {Reason}; let the service's user open it, "
        + "or set StatsSocket to \"off\"")]
    public static partial void FoundStatsSocketSilent(this ILogger log, string listener, string path, string reason);

    [LoggerMessage(226, LogLevel.Warning,
        "listener {Listener}: HAProxy's ring {Ring} takes no message: {Count} dropped and not announced; its receiver does not read, or the ring has stopped for good "
        + "(seen in HAProxy 2.6), which systemctl reload haproxy ends")]
    public static partial void RingTakesNothing(this ILogger log, string listener, string ring, long count);

    [LoggerMessage(227, LogLevel.Information, "listener {Listener}: HAProxy's ring {Ring} takes messages again")]
    public static partial void RingTakesAgain(this ILogger log, string listener, string ring);

    [LoggerMessage(220, LogLevel.Warning,
        "listener {Listener}: messages match no route; they are dropped and counted in "
        + "concentrator_unrouted_messages_total")]
    public static partial void Unrouted(this ILogger log, string listener);

    [LoggerMessage(250, LogLevel.Information, "listener {Listener}: connected to {Server}, NATS {Version}")]
    public static partial void StreamConnected(this ILogger log, string listener, string server, string version);

    [LoggerMessage(251, LogLevel.Warning, "listener {Listener}: cannot fetch from {Server}: {Reason}; next try in {Delay}")]
    public static partial void StreamUnavailable(this ILogger log, string listener, string server, string reason, TimeSpan delay);

    [LoggerMessage(252, LogLevel.Warning, "listener {Listener}: session with a NATS server ended: {Reason}; connecting to another")]
    public static partial void StreamSessionLost(this ILogger log, string listener, string reason);

    [LoggerMessage(258, LogLevel.Warning, "listener {Listener}: the ledger of the cluster lacks this listener or its past: {Problem}")]
    public static partial void RelayNotInLedger(this ILogger log, string listener, string problem);

    [LoggerMessage(253, LogLevel.Warning, "listener {Listener}: consumer {Consumer} of stream {Stream} answers {Code}: {Reason}")]
    public static partial void StreamRequestRefused(this ILogger log, string listener, string stream, string consumer, int code, string reason);

    [LoggerMessage(254, LogLevel.Error,
        "listener {Listener}: a block of stream {Stream} at subject {Subject}, {Bytes:N0} bytes, is not what its headers say: terminated, not delivered, and counted in "
        + "concentrator_listener_framing_violations_total")]
    public static partial void StreamBlockBroken(this ILogger log, string listener, string stream, string subject, int bytes);

    [LoggerMessage(255, LogLevel.Error,
        "listener {Listener}: a block of stream {Stream} at subject {Subject} was written by a later version: given back, for a server that can read it")]
    public static partial void StreamBlockNewer(this ILogger log, string listener, string stream, string subject);

    [LoggerMessage(256, LogLevel.Warning,
        "listener {Listener}: {Messages} messages that no output has dealt with yet are given back to stream {Stream}; the queues keep them too, so they may be delivered twice")]
    public static partial void StreamGivenBack(this ILogger log, string listener, int messages, string stream);
}
