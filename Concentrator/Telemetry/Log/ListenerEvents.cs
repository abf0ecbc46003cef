using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>Log events of listeners: their sockets, paths and datagrams (ids 200 to 220 and 290 to 299).</summary>
internal static partial class ListenerEvents
{
    [LoggerMessage(200, LogLevel.Information, "listener {Listener}: listening on {Address}")]
    public static partial void Listening(this ILogger log, string listener, string address);

    [LoggerMessage(201, LogLevel.Information, "listener {Listener}: stopped")]
    public static partial void ListenerStopped(this ILogger log, string listener);

    [LoggerMessage(202, LogLevel.Error, "listener {Listener}: reading failed, going on: {Reason}")]
    public static partial void ListenerFailed(this ILogger log, string listener, string reason);

    [LoggerMessage(204, LogLevel.Error, "listener {Listener}: cannot be bound again after the reload: {Reason}")]
    public static partial void ListenerNotRebound(this ILogger log, string listener, string reason);

    [LoggerMessage(290, LogLevel.Warning, "listener {Listener}: {Path} {Fate}; it has been put back")]
    public static partial void PathPutBack(this ILogger log, string listener, string path, string fate);

    [LoggerMessage(291, LogLevel.Error,
        "listener {Listener}: {Path} {Fate}: what is sent there is lost; it cannot be put back: {Reason}; to mend it: {Remedy}")]
    public static partial void PathLost(this ILogger log, string listener, string path, string fate, string reason, string remedy);

    [LoggerMessage(292, LogLevel.Information, "listener {Listener}: {Path} is ours again after {Outage}")]
    public static partial void PathIsBack(this ILogger log, string listener, string path, TimeSpan outage);

    [LoggerMessage(293, LogLevel.Warning,
        "listener {Listener}: {Path} could not be put back if it were removed, for its socket can have no second name there: {Reason}")]
    public static partial void PathWithoutSecondName(this ILogger log, string listener, string path, string reason);

    [LoggerMessage(294, LogLevel.Warning, "the paths of unix sockets are looked at every {Interval}, for the system gives no events: {Reason}")]
    public static partial void PathsLookedAtRegularly(this ILogger log, TimeSpan interval, string reason);

    [LoggerMessage(295, LogLevel.Error, "{Path} cannot be looked at")]
    public static partial void PathNotLookedAt(this ILogger log, string path, Exception exception);

    /// <param name="log">The logger.</param>
    /// <param name="listener">Name of the listener.</param>
    /// <param name="socket">Name under which the socket was passed.</param>
    /// <param name="address">Address to which the socket is bound.</param>
    [LoggerMessage(205, LogLevel.Information, "listener {Listener}: inherits the socket '{Socket}' at {Address}")]
    public static partial void SocketInherited(this ILogger log, string listener, string socket, string address);

    [LoggerMessage(206, LogLevel.Warning,
        "listener {Listener}: inherits the socket '{Socket}' at {Address}, although its own Address is {Configured}: that one is not bound")]
    public static partial void InheritedElsewhere(this ILogger log, string listener, string socket, string address, string configured);

    [LoggerMessage(207, LogLevel.Warning,
        "no listener wants the socket '{Socket}' at {Address}, which the service manager passed: whoever sends there is not heard")]
    public static partial void InheritedUnwanted(this ILogger log, string socket, string address);

    [LoggerMessage(208, LogLevel.Warning, "the service manager passed something that is no socket: {Descriptor}: {Reason}")]
    public static partial void DescriptorUnusable(this ILogger log, string descriptor, string reason);

    [LoggerMessage(209, LogLevel.Warning,
        "listener {Listener}: the service manager does not keep its socket, so what is sent while the server is started again is lost: {Reason}")]
    public static partial void SocketNotKept(this ILogger log, string listener, string reason);

    [LoggerMessage(210, LogLevel.Information, "datagram queue length net.unix.max_dgram_qlen raised from {Before} to {After}")]
    public static partial void DatagramQueueRaised(this ILogger log, int before, int after);

    [LoggerMessage(211, LogLevel.Warning,
        "datagram queue length net.unix.max_dgram_qlen is {Now} and may not be raised ({Reason}): bursts will be lost; run: "
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
        "listener {Listener}: the kernel dropped {Count} datagrams before they could be read; raise this listener's "
        + "ReceiveBuffer, and net.core.rmem_max if it may not exceed that")]
    public static partial void KernelDropped(this ILogger log, string listener, long count);

    [LoggerMessage(214, LogLevel.Warning,
        "listener {Listener}: this kernel does not say how many datagrams it drops (SO_RXQ_OVFL: {Reason}); what is lost before it can "
        + "be read is not counted")]
    public static partial void KernelDropsUnknown(this ILogger log, string listener, string reason);

    [LoggerMessage(215, LogLevel.Error,
        "listener {Listener}: the kernel took a datagram and had no memory to put it in; counted in concentrator_kernel_dropped_datagrams_total")]
    public static partial void DatagramNotPlaced(this ILogger log, string listener);

    [LoggerMessage(220, LogLevel.Warning,
        "listener {Listener}: messages arrive that no route takes; they are dropped and counted in "
        + "concentrator_unrouted_messages_total")]
    public static partial void Unrouted(this ILogger log, string listener);
}
