using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>Log events of relays (ids 300 to 399).</summary>
internal static partial class RelayEvents
{
    /// <param name="log">The logger.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="endpoint">The endpoint as configured.</param>
    /// <param name="protocol"><c>TLS 1.3</c>, <c>plain TCP</c>, or <c>RELP over</c> or <c>HTTPS over</c> one of these.</param>
    /// <param name="subject">Subject of the peer's certificate; null without TLS.</param>
    [LoggerMessage(300, LogLevel.Information, "relay {Output}: connected to {Endpoint} over {Protocol}, peer certificate {Subject}")]
    public static partial void RelayConnected(this ILogger log, string output, string endpoint, string protocol, string? subject);

    [LoggerMessage(301, LogLevel.Warning, "relay {Output}: cannot connect to {Endpoint}: {Reason}; next try in {Delay}")]
    public static partial void RelayConnectFailed(this ILogger log, string output, string endpoint, string reason, TimeSpan delay);

    [LoggerMessage(302, LogLevel.Error,
        "relay {Output}: certificate of {Endpoint} rejected, nothing sent: {Reason}; presented {Presented}; expected "
        + "{Expected}; next try in {Delay}")]
    public static partial void RelayCertificateRejected(
        this ILogger log, string output, string endpoint, string reason, string presented, string expected, TimeSpan delay);

    [LoggerMessage(303, LogLevel.Warning,
        "relay {Output}: INSECURE, the certificate of {Endpoint} is not verified (Tls:Insecure is true): anyone on the network path "
        + "can read and change what is sent")]
    public static partial void RelayInsecure(this ILogger log, string output, string endpoint);

    [LoggerMessage(304, LogLevel.Warning,
        "relay {Output}: connection to {Endpoint} lost: {Reason}; sending again {Unacknowledged} unacknowledged messages and "
        + "{Replayed} acknowledged ones that the peer may not have read")]
    public static partial void RelayConnectionLost(this ILogger log, string output, string endpoint, string reason, long unacknowledged, long replayed);

    [LoggerMessage(305, LogLevel.Warning, "relay {Output}: {Endpoint} has acknowledged nothing for {Silence}; reconnecting")]
    public static partial void RelayPeerSilent(this ILogger log, string output, string endpoint, TimeSpan silence);

    [LoggerMessage(306, LogLevel.Information, "relay {Output}: returned to the first endpoint {Endpoint}")]
    public static partial void RelayBackToFirst(this ILogger log, string output, string endpoint);

    /// <param name="log">The logger.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="endpoint">The endpoint now in use.</param>
    /// <param name="reason">Why the endpoints before it failed.</param>
    [LoggerMessage(307, LogLevel.Warning, "relay {Output}: failed over to {Endpoint}: {Reason}")]
    public static partial void RelayFailedOver(this ILogger log, string output, string endpoint, string reason);

    /// <param name="log">The logger.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="messages">Number of messages that wait now.</param>
    /// <param name="size">Their total size.</param>
    /// <param name="drain">Estimated time until they are delivered.</param>
    [LoggerMessage(308, LogLevel.Information, "relay {Output}: connected; {Messages:N0} messages ({Size}) queued, drained in about {Drain}")]
    public static partial void RelayCatchingUp(this ILogger log, string output, long messages, string size, string drain);

    [LoggerMessage(309, LogLevel.Warning,
        "relay {Output}: connected; {Messages:N0} messages ({Size}) queued, and messages arrive as fast as they are delivered: the backlog does not shrink")]
    public static partial void RelayNotCatchingUp(this ILogger log, string output, long messages, string size);

    [LoggerMessage(310, LogLevel.Information, "relay {Output}: caught up after {Elapsed}, {Messages:N0} messages delivered")]
    public static partial void RelayCaughtUp(this ILogger log, string output, string elapsed, long messages);

    [LoggerMessage(311, LogLevel.Warning,
        "relay {Output}: connections to {Endpoint} end repeatedly at the same messages: sending these in parts, over separate connections, to find "
        + "the one that is refused, if any")]
    public static partial void RelaySearches(this ILogger log, string output, string endpoint);

    /// <param name="log">The logger.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="endpoint">The peer.</param>
    /// <param name="bytes">Size of the frame.</param>
    /// <param name="reason">How it refuses it.</param>
    /// <param name="kept">Where the message is kept, or why it is not.</param>
    [LoggerMessage(312, LogLevel.Error,
        "relay {Output}: {Endpoint} refuses a message of {Bytes:N0} bytes: {Reason}; dropped, and {Kept}")]
    public static partial void RelayRefused(this ILogger log, string output, string endpoint, int bytes, string reason, string kept);

    /// <param name="log">The logger.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="endpoint">The peer.</param>
    /// <param name="reason">What the peer answered.</param>
    /// <param name="messages">Number of messages that are kept because of it.</param>
    [LoggerMessage(313, LogLevel.Warning,
        "relay {Output}: {Endpoint} takes no messages now: {Reason}; {Messages:N0} messages that were on their way are kept and sent again")]
    public static partial void RelayMustWait(this ILogger log, string output, string endpoint, string reason, long messages);

    [LoggerMessage(314, LogLevel.Warning,
        "relay {Output}: requests are not compressed, because this system has no libz.so.1; install zlib1g (Debian) or zlib, or write \"Compression\": \"none\"")]
    public static partial void RelayUncompressed(this ILogger log, string output);

    /// <param name="log">The logger.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="subjects">What it takes.</param>
    /// <param name="replicas">Servers that hold each message.</param>
    [LoggerMessage(315, LogLevel.Information, "relay {Output}: created stream {Stream} for subject {Subjects}, {Replicas} replicas, in files, refusing what is new where it is full")]
    public static partial void StreamCreated(this ILogger log, string output, string stream, string subjects, int replicas);

    [LoggerMessage(316, LogLevel.Warning,
        "relay {Output}: stream {Stream} deletes its oldest messages where it is full (discard old): what was delivered to it may be lost before anyone has read it; "
        + "nats stream edit {Stream} --discard=new")]
    public static partial void StreamDiscards(this ILogger log, string output, string stream);

    /// <param name="log">The logger.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="bytes">Size of the frame.</param>
    /// <param name="limit">The most that the server or its stream takes.</param>
    /// <param name="kept">Where the message is kept, or why it is not.</param>
    [LoggerMessage(317, LogLevel.Error,
        "relay {Output}: a message of {Bytes:N0} bytes is longer than the {Limit:N0} that the server or its stream takes (max_payload, max_msg_size): dropped, and {Kept}")]
    public static partial void RelayTooLong(this ILogger log, string output, int bytes, int limit, string kept);

    [LoggerMessage(319, LogLevel.Warning, "relay {Output}: the ledger of the cluster lacks this output or its past: {Problem}")]
    public static partial void EdgeNotInLedger(this ILogger log, string output, string problem);

    [LoggerMessage(318, LogLevel.Warning,
        "relay {Output}: stream {Stream} keeps what was delivered until it is full (retention limits, discard new, no max-age), and then takes nothing more: give it a "
        + "max-age, or create it with --retention=work")]
    public static partial void StreamFillsUp(this ILogger log, string output, string stream);
}
