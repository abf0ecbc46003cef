using System.Net;
using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>Log events of the connections to stream listeners (ids 221 to 244).</summary>
internal static partial class ConnectionEvents
{
    [LoggerMessage(221, LogLevel.Warning, "listener {Listener}: connection from {Peer} reset because of invalid framing: {Reason}")]
    public static partial void FramingViolation(this ILogger log, string listener, EndPoint? peer, string reason);

    [LoggerMessage(222, LogLevel.Warning, "listener {Listener}: connection from {Peer} refused: {Limit} connections are open (MaxConnections)")]
    public static partial void ConnectionLimitReached(this ILogger log, string listener, EndPoint? peer, int limit);

    [LoggerMessage(224, LogLevel.Warning,
        "listener {Listener}: connection from {Peer} exceeds the {Limit} connections that the descriptor limit allows on all listeners: "
        + "the longest idle one is closed, or if there is none, the new one is refused; raise LimitNOFILE= of the unit, or ulimit -n")]
    public static partial void DescriptorsTaken(this ILogger log, string listener, EndPoint? peer, long limit);

    [LoggerMessage(225, LogLevel.Warning,
        "this process may open {Descriptors} descriptors, so all stream listeners together accept {Limit} connections of the {Allowed} "
        + "that MaxConnections allows; raise LimitNOFILE= of the unit, or ulimit -n")]
    public static partial void FewDescriptors(this ILogger log, long descriptors, long limit, long allowed);

    [LoggerMessage(223, LogLevel.Debug, "listener {Listener}: connection from {Peer} closed after being idle for {Timeout} (IdleTimeout)")]
    public static partial void IdleConnectionCut(this ILogger log, string listener, EndPoint? peer, TimeSpan timeout);

    [LoggerMessage(230, LogLevel.Warning, "listener {Listener}: TLS handshake with {Peer} failed: {Reason}")]
    public static partial void HandshakeFailed(this ILogger log, string listener, EndPoint? peer, string reason);

    [LoggerMessage(231, LogLevel.Information,
        "listener {Listener}: certificate reloaded from {Path}: {Subject}, valid until {NotAfter:yyyy-MM-dd}")]
    public static partial void CertificateReloaded(this ILogger log, string listener, string path, string subject, DateTime notAfter);

    [LoggerMessage(232, LogLevel.Error, "listener {Listener}: certificate not reloaded from {Path}, the old one stays in use: {Reason}")]
    public static partial void CertificateReloadFailed(this ILogger log, string listener, string path, string reason);

    [LoggerMessage(240, LogLevel.Warning,
        "listener {Listener}: {Peer} sends messages without a separator (octet count, LF or NUL), so their boundaries are "
        + "unknown: the stream is split every {Size} bytes, nothing is dropped. Configure the sender to end its messages with LF (winston-syslog: eol: '\\n')")]
    public static partial void NoSeparator(this ILogger log, string listener, EndPoint? peer, int size);

    [LoggerMessage(241, LogLevel.Warning,
        "listener {Listener}: connection from {Peer} refused: {Limit} connections from that address are open (MaxConnectionsPerAddress)")]
    public static partial void AddressLimitReached(this ILogger log, string listener, EndPoint? peer, int limit);

    [LoggerMessage(242, LogLevel.Warning,
        "listener {Listener}: connection from {Peer}, idle for {Seconds:0.#} s, closed in favour of a new one (MaxConnections, "
        + "MaxConnectionsPerAddress)")]
    public static partial void ConnectionGaveWay(this ILogger log, string listener, EndPoint? peer, double seconds);

    [LoggerMessage(243, LogLevel.Warning,
        "streams: incomplete messages use {Held} bytes, more than {Most} (Streams:MaxMemory); the {Count} connections with the largest are "
        + "closed, and the received parts are delivered")]
    public static partial void StreamMemoryFull(this ILogger log, long held, long most, int count);

    [LoggerMessage(244, LogLevel.Warning, "listener {Listener}: {Peer} {Hint}")]
    public static partial void ForeignProtocol(this ILogger log, string listener, EndPoint? peer, string hint);
}
