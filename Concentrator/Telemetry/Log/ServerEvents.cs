using Concentrator.Accounting;
using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// Log events of the server as a whole: its start and stop, reloads, status pages, systemd and hand-overs (ids 100 to 199).
/// <para>
/// For all events: ids are stable, so operators may filter by them. Names in braces that <see cref="EventIdentity"/> knows are the subject;
/// the others may differ between repeats that are folded. A remedy is an exact command line.
/// </para>
/// </summary>
internal static partial class ServerEvents
{
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

    [LoggerMessage(114, LogLevel.Warning, "configuration: changes to Spool, Monitoring and Telemetry take effect at the next start")]
    public static partial void NeedsRestart(this ILogger log);

    [LoggerMessage(115, LogLevel.Error, "configuration not reloaded: the reload failed unexpectedly; the old configuration stays in force")]
    public static partial void ReloadFailed(this ILogger log, Exception exception);

    [LoggerMessage(120, LogLevel.Information, "status pages at {Address}")]
    public static partial void StatusServing(this ILogger log, string address);

    [LoggerMessage(126, LogLevel.Warning,
        "status pages: refused a request for the host name {Host}, which is not this server's: use its address, or add the name to Monitoring:Hosts")]
    public static partial void StatusHostRefused(this ILogger log, string host);

    [LoggerMessage(123, LogLevel.Warning, "status pages and /metrics are not served: {Reason}; retrying every second, everything else continues")]
    public static partial void StatusNotServed(this ILogger log, string reason);

    [LoggerMessage(127, LogLevel.Warning, "metrics are not pushed to {Endpoint}: {Reason}; trying again every {Interval:0.#} s, everything else continues")]
    public static partial void OtlpFailed(this ILogger log, Uri endpoint, string reason, double interval);

    [LoggerMessage(128, LogLevel.Information, "metrics are pushed to {Endpoint} again")]
    public static partial void OtlpRecovered(this ILogger log, Uri endpoint);

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

    /// <param name="log">The logger.</param>
    /// <param name="pid">The client.</param>
    /// <param name="request">What it wants to see.</param>
    [LoggerMessage(135, LogLevel.Information, "process {Pid} watches messages: {Request}")]
    public static partial void TapBegan(this ILogger log, int pid, string request);

    [LoggerMessage(136, LogLevel.Information, "a watch of messages ended: {Shown} shown, {PassedOver} passed over")]
    public static partial void TapEnded(this ILogger log, long shown, long passedOver);
}
