using System.Net;
using Concentrator.Accounting;
using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// All log events of the program, in the order of a message's journey. Event ids are stable, so operators may
/// filter by them. Names in braces that <see cref="EventIdentity"/> knows are the subject; the others may differ between
/// repeats that are folded. A remedy is an exact command line.
/// </summary>
internal static partial class LogEvents
{
    // 1xx: the server.

    [LoggerMessage(100, LogLevel.Information,
        "concentrator {Version} starting: {Listeners} listeners, {Outputs} outputs, {Routes} routes from {Source}")]
    public static partial void Starting(this ILogger log, string version, int listeners, int outputs, int routes, string source);

    [LoggerMessage(101, LogLevel.Information, "ready after {Elapsed}")]
    public static partial void Ready(this ILogger log, TimeSpan elapsed);

    [LoggerMessage(102, LogLevel.Information, "{Reason}: stopping, delivering queued messages for up to {Timeout}")]
    public static partial void Stopping(this ILogger log, string reason, TimeSpan timeout);

    [LoggerMessage(103, LogLevel.Information, "stopped after {Elapsed}")]
    public static partial void Stopped(this ILogger log, TimeSpan elapsed);

    /// <summary>One line of <see cref="LedgerTable"/>.</summary>
    [LoggerMessage(104, LogLevel.Information, "ledger: {Line}")]
    public static partial void LedgerLine(this ILogger log, string line);

    [LoggerMessage(110, LogLevel.Warning, "configuration: {Warning}")]
    public static partial void ConfigurationWarning(this ILogger log, string warning);

    [LoggerMessage(111, LogLevel.Error, "configuration: {Problem}")]
    public static partial void ConfigurationProblem(this ILogger log, string problem);

    [LoggerMessage(112, LogLevel.Information, "configuration reloaded: {Listeners} listeners, {Outputs} outputs, {Routes} routes")]
    public static partial void ReloadDone(this ILogger log, int listeners, int outputs, int routes);

    [LoggerMessage(113, LogLevel.Error, "configuration not reloaded: {Errors} errors; the old configuration stays in force")]
    public static partial void ReloadRefused(this ILogger log, int errors);

    [LoggerMessage(114, LogLevel.Warning, "configuration: changes to Spool and Monitoring take effect at the next start")]
    public static partial void NeedsRestart(this ILogger log);

    [LoggerMessage(115, LogLevel.Error, "configuration not reloaded: the reload failed unexpectedly; the old configuration stays in force")]
    public static partial void ReloadFailed(this ILogger log, Exception exception);

    [LoggerMessage(120, LogLevel.Information, "status pages at http://{Address}/")]
    public static partial void StatusServing(this ILogger log, IPEndPoint address);

    [LoggerMessage(123, LogLevel.Warning, "status pages and /metrics are not served: {Reason}; retrying every second, everything else continues")]
    public static partial void StatusNotServed(this ILogger log, string reason);

    [LoggerMessage(121, LogLevel.Warning, "cannot notify systemd at {Path}: {Reason}")]
    public static partial void NotifyFailed(this ILogger log, string path, string reason);

    /// <param name="log">The logger.</param>
    /// <param name="reason">From <c>LoopWatch</c>: it names the loops.</param>
    [LoggerMessage(122, LogLevel.Error, "not alive: {Reason}; watchdog notifications stop, so that systemd restarts the server")]
    public static partial void WatchdogWithheld(this ILogger log, string reason);

    [LoggerMessage(124, LogLevel.Information, "alive again: watchdog notifications resumed")]
    public static partial void WatchdogResumed(this ILogger log);

    [LoggerMessage(130, LogLevel.Information, "no control socket at {Path}, so --take-over is not possible: {Reason}")]
    public static partial void NoControlSocket(this ILogger log, string path, string reason);

    [LoggerMessage(131, LogLevel.Warning, "control socket: {Reason}")]
    public static partial void ControlFailed(this ILogger log, string reason);

    [LoggerMessage(132, LogLevel.Information, "handing over {Count} sockets to process {Pid}")]
    public static partial void HandingOver(this ILogger log, int count, int pid);

    [LoggerMessage(133, LogLevel.Information, "taking over {Count} sockets from process {Pid}")]
    public static partial void TakingOver(this ILogger log, int count, int pid);

    [LoggerMessage(134, LogLevel.Information, "no server to take over from at {Path}: starting normally")]
    public static partial void NobodyToTakeOverFrom(this ILogger log, string path);

    // 2xx: listeners.

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

    [LoggerMessage(220, LogLevel.Warning,
        "listener {Listener}: messages match no route; they are dropped and counted in "
        + "concentrator_unrouted_messages_total")]
    public static partial void Unrouted(this ILogger log, string listener);

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

    // 3xx: relays.

    /// <param name="log">The logger.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="endpoint">The endpoint as configured.</param>
    /// <param name="protocol"><c>TLS 1.3</c>, <c>plain TCP</c>, or <c>RELP over</c> one of these.</param>
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
    /// <param name="kept">Where the message is kept, or why it is not.</param>
    [LoggerMessage(312, LogLevel.Error,
        "relay {Output}: {Endpoint} repeatedly refuses a message of {Bytes:N0} bytes and accepts others: dropped, and {Kept}")]
    public static partial void RelayRefused(this ILogger log, string output, string endpoint, int bytes, string kept);

    // 4xx: files.

    [LoggerMessage(401, LogLevel.Error,
        "file {Output}: {Path} cannot be written: {Reason}; holding up to {Limit:N0} bytes in memory until it can")]
    public static partial void FileCannotBeWritten(this ILogger log, string output, string path, string reason, long limit);

    [LoggerMessage(402, LogLevel.Information, "file {Output}: writing to {Path} resumed after {Outage}")]
    public static partial void FileResumed(this ILogger log, string output, string path, TimeSpan outage);

    [LoggerMessage(404, LogLevel.Information, "file {Output}: writing lines in format {Format}, as found in {Path}")]
    public static partial void FileFormatFound(this ILogger log, string output, string format, string path);

    [LoggerMessage(405, LogLevel.Information, "file {Output}: writing lines in format {Format}, rsyslog's default, because there is no existing file to match")]
    public static partial void FileFormatDefault(this ILogger log, string output, string format);

    [LoggerMessage(403, LogLevel.Information, "file {Output}: reopened {Path}")]
    public static partial void FileReopened(this ILogger log, string output, string path);

    // 5xx: queues.

    [LoggerMessage(510, LogLevel.Information, "spool of {Output}: {Found}")]
    public static partial void SpoolRecovered(this ILogger log, string output, string found);

    [LoggerMessage(511, LogLevel.Error,
        "spool of {Output} cannot be written: {Reason}; holding up to {Limit:N0} bytes in memory until it can")]
    public static partial void SpoolCannotBeWritten(this ILogger log, string output, string reason, long limit);

    [LoggerMessage(512, LogLevel.Information, "spool of {Output}: writing resumed after {Outage}")]
    public static partial void SpoolResumed(this ILogger log, string output, TimeSpan outage);

    [LoggerMessage(513, LogLevel.Information, "spool of {Output}: {Count} messages kept on disk for the next start")]
    public static partial void SpoolKept(this ILogger log, string output, long count);

    /// <param name="log">The logger.</param>
    /// <param name="path">Directory of the spool.</param>
    /// <param name="maxSize">The configured size.</param>
    /// <param name="wanted">Bytes that the spool may still grow by.</param>
    /// <param name="free">Free bytes on the file system.</param>
    /// <param name="right">A size that fits, in the form of the configuration.</param>
    [LoggerMessage(514, LogLevel.Warning,
        "Spool:MaxSize is {MaxSize}, but the file system of {Path} has only {Free:N0} bytes free of the {Wanted:N0} that the spool may "
        + "still need: free disk space, or set Spool:MaxSize to {Right}")]
    public static partial void SpoolLargerThanDisk(this ILogger log, string path, string maxSize, long wanted, long free, string right);

    [LoggerMessage(515, LogLevel.Warning,
        "the file system of {Path} has only {Free:N0} bytes free; the last {Reserve:N0} are reserved for other programs, so the spool does not grow and "
        + "new messages are held in memory")]
    public static partial void SpoolSpaceLow(this ILogger log, string path, long free, long reserve);

    [LoggerMessage(516, LogLevel.Information, "the file system of {Path} has {Free:N0} bytes free again: the spool can grow")]
    public static partial void SpoolSpaceRegained(this ILogger log, string path, long free);

    [LoggerMessage(517, LogLevel.Error, "spool of {Output}: out of memory to read it; the messages stay on disk")]
    public static partial void SpoolNotRead(this ILogger log, string output);

    [LoggerMessage(520, LogLevel.Warning,
        "no crash-safe memory for {Place}: {Reason}; a kill -9 would lose the messages in memory")]
    public static partial void MemoryEndsWithProcess(this ILogger log, string place, string reason);

    [LoggerMessage(521, LogLevel.Information, "{Name} is from a different boot of this machine and is ignored")]
    public static partial void MemoryOfAnotherBoot(this ILogger log, string name);

    [LoggerMessage(522, LogLevel.Information, "output {Output}: recovered {Count} messages from a killed process, delivering them first")]
    public static partial void MemoryRecovered(this ILogger log, string output, long count);

    [LoggerMessage(523, LogLevel.Information, "listener {Listener}: recovered {Count} datagrams from a killed process, processing them first")]
    public static partial void DatagramsRecovered(this ILogger log, string listener, int count);

    [LoggerMessage(500, LogLevel.Error, "output {Output}: queue full, dropping messages ({Reason})")]
    private static partial void QueueFullDropping(this ILogger log, string output, string reason);

    /// <summary>Logged once when dropping begins; <c>concentrator_output_dropped_messages_total</c> keeps counting.</summary>
    public static void QueueFull(this ILogger log, string output, DropReason reason) => log.QueueFullDropping(output, reason.Label());

    /// <summary>Logged once when it begins; <c>concentrator_output_dropped_messages_total</c> keeps counting.</summary>
    [LoggerMessage(503, LogLevel.Error,
        "output {Output}: out of memory, dropping messages (out_of_memory); lower MaxMemory, or raise "
        + "the memory limit")]
    public static partial void MemoryRefused(this ILogger log, string output);

    [LoggerMessage(502, LogLevel.Warning, "output {Output}: {Count} undelivered messages dropped ({Reason})")]
    private static partial void UndeliveredDropped(this ILogger log, string output, long count, string reason);

    /// <summary>Messages left over by a stop or a removed output.</summary>
    public static void Undelivered(this ILogger log, string output, long count, DropReason reason) =>
        log.UndeliveredDropped(output, count, reason.Label());
}
