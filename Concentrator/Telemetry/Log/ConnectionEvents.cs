using System.Net;
using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>Log events of the connections to stream listeners (ids 221 to 244).</summary>
internal static partial class ConnectionEvents
{
    [LoggerMessage(221, LogLevel.Warning, "listener {Listener}: connection from {Peer} cut, its framing cannot be followed: {Reason}")]
    public static partial void FramingViolation(this ILogger log, string listener, EndPoint? peer, string reason);

    [LoggerMessage(222, LogLevel.Warning, "listener {Listener}: connection from {Peer} refused, {Limit} are open (MaxConnections)")]
    public static partial void ConnectionLimitReached(this ILogger log, string listener, EndPoint? peer, int limit);

    [LoggerMessage(224, LogLevel.Warning,
        "listener {Listener}: connection from {Peer} beyond the {Limit} open on all listeners, all that the limit of descriptors "
        + "leaves to them: a silent one gives way, else it is refused; raise LimitNOFILE= of the unit, or ulimit -n")]
    public static partial void DescriptorsTaken(this ILogger log, string listener, EndPoint? peer, long limit);

    [LoggerMessage(225, LogLevel.Warning,
        "this process may open {Descriptors} descriptors, so that all stream listeners together take {Limit} connections of the {Allowed} "
        + "that MaxConnections allows; raise LimitNOFILE= of the unit, or ulimit -n")]
    public static partial void FewDescriptors(this ILogger log, long descriptors, long limit, long allowed);

    [LoggerMessage(223, LogLevel.Debug, "listener {Listener}: connection from {Peer} was silent for {Timeout} and is cut")]
    public static partial void IdleConnectionCut(this ILogger log, string listener, EndPoint? peer, TimeSpan timeout);

    [LoggerMessage(230, LogLevel.Warning, "listener {Listener}: TLS handshake with {Peer} failed: {Reason}")]
    public static partial void HandshakeFailed(this ILogger log, string listener, EndPoint? peer, string reason);

    [LoggerMessage(231, LogLevel.Information,
        "listener {Listener}: certificate reloaded from {Path}: {Subject}, valid until {NotAfter:yyyy-MM-dd}")]
    public static partial void CertificateReloaded(this ILogger log, string listener, string path, string subject, DateTime notAfter);

    [LoggerMessage(232, LogLevel.Error, "listener {Listener}: certificate not reloaded from {Path}, the old one stays: {Reason}")]
    public static partial void CertificateReloadFailed(this ILogger log, string listener, string path, string reason);

    [LoggerMessage(240, LogLevel.Warning,
        "listener {Listener}: {Peer} sends messages with no separator between them (no octet count, LF or NUL): they cannot be told "
        + "apart. What comes is cut every {Size} bytes, and nothing of it is dropped. Let the sender end its messages with LF (winston-syslog: eol: '\\n')")]
    public static partial void NoSeparator(this ILogger log, string listener, EndPoint? peer, int size);

    [LoggerMessage(241, LogLevel.Warning,
        "listener {Listener}: connection from {Peer} refused, {Limit} of that address are open (MaxConnectionsPerAddress)")]
    public static partial void AddressLimitReached(this ILogger log, string listener, EndPoint? peer, int limit);

    [LoggerMessage(242, LogLevel.Warning,
        "listener {Listener}: connection from {Peer} gave way to a new one, it was silent for {Seconds:0.#} s (MaxConnections, "
        + "MaxConnectionsPerAddress)")]
    public static partial void ConnectionGaveWay(this ILogger log, string listener, EndPoint? peer, double seconds);

    [LoggerMessage(243, LogLevel.Warning,
        "streams: unfinished messages hold {Held} bytes, more than {Most} (Streams:MaxMemory); the {Count} connections with the largest are "
        + "cut, and what had come of them is delivered")]
    public static partial void StreamMemoryFull(this ILogger log, long held, long most, int count);

    [LoggerMessage(244, LogLevel.Warning, "listener {Listener}: {Peer} {Hint}")]
    public static partial void ForeignProtocol(this ILogger log, string listener, EndPoint? peer, string hint);
}
