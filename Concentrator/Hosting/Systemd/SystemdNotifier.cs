using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.Systemd;

/// <summary>
/// Reports the service's state to systemd (sd_notify(3)): datagrams to the socket that <c>NOTIFY_SOCKET</c> names. Without the
/// variable every call does nothing. No method throws: the first failure is logged, later ones are ignored.
/// Any thread may call. Disposing, by the owner, ends the watchdog's timer.
/// </summary>
internal sealed class SystemdNotifier : IDisposable
{
    private readonly string? _path;
    private readonly TimeSpan? _watchdog;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private int _sendFailed;
    private string? _withheld;
    private string? _status;
    private ITimer? _timer;

    /// <param name="notifySocket">A path, or <c>@</c> and an abstract name; null or empty = not under systemd.</param>
    /// <param name="watchdog">Time without a keep-alive after which systemd kills this process; null = no watchdog.</param>
    /// <param name="log">Receives the first failure.</param>
    /// <param name="time">The clock of the watchdog.</param>
    public SystemdNotifier(string? notifySocket, TimeSpan? watchdog, ILogger log, TimeProvider time)
    {
        _path = string.IsNullOrEmpty(notifySocket) ? null : notifySocket;
        _watchdog = watchdog;
        _log = log;
        _time = time;
    }

    /// <summary>Created from this process's environment.</summary>
    public static SystemdNotifier FromEnvironment(ILogger log, TimeProvider time) => new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET"),
        WatchdogTimeout(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID")),
        log,
        time);

    /// <summary>Reports that the start or a reload is complete.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>Reports the start of a reload; <see cref="Ready"/> ends it. The time tells it from an earlier reload.</summary>
    public void Reloading() =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}"));

    public void Stopping() => Send("STOPPING=1");

    /// <summary>Whether there is a manager to report to.</summary>
    public bool IsHeard => _path is not null;

    /// <summary>One line for <c>systemctl status</c>; sent only if it differs from the last.</summary>
    public void Status(string line)
    {
        if (Interlocked.Exchange(ref _status, line) != line) Send("STATUS=" + line.ReplaceLineEndings(" "));
    }

    /// <summary>Time without a keep-alive after which systemd kills and restarts this process; null = no watchdog.</summary>
    public TimeSpan? WatchdogTime => _path is null ? null : _watchdog;

    /// <summary>
    /// Sends a keep-alive now and then twice per watchdog time, as long as <paramref name="problem"/> returns null (called on a
    /// timer's thread; an exception counts as a problem). Does nothing without a watchdog or when called again.
    /// </summary>
    /// <param name="problem">Why the process is not healthy, for the log; null = it is.</param>
    public void StartWatchdog(Func<string?> problem)
    {
        if (WatchdogTime is not { } timeout || _timer is not null) return;
        _timer = _time.CreateTimer(_ => SignOfLife(problem), null, TimeSpan.Zero, timeout / 2);
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>The time in <c>WATCHDOG_USEC</c>, unless <c>WATCHDOG_PID</c> says that it is meant for another process.</summary>
    public static TimeSpan? WatchdogTimeout(string? microseconds, string? pid)
    {
        bool isOurs = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isOurs && long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            && value is > 0 and < long.MaxValue / TimeSpan.TicksPerMicrosecond
            ? TimeSpan.FromTicks(value * TimeSpan.TicksPerMicrosecond)
            : null;
    }

    private void SignOfLife(Func<string?> problem)
    {
        string? reason;
        try
        {
            reason = problem();
        }
        catch (Exception e)
        {
            // A check that fails to run counts as a problem, and an exception on a timer would end the process.
            reason = e.Message;
        }
        string? before = Interlocked.Exchange(ref _withheld, reason);
        if (reason is null)
        {
            if (before is not null) _log.WatchdogResumed();
            Send("WATCHDOG=1");
        }
        else if (reason != before)
        {
            _log.WatchdogWithheld(reason);
        }
    }

    // Microseconds of CLOCK_MONOTONIC, the clock that TimeProvider.System uses on Linux.
    private long MonotonicMicroseconds() => (long)((Int128)_time.GetTimestamp() * 1_000_000 / _time.TimestampFrequency);

    private void Send(string state)
    {
        if (_path is null) return;
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

            // A manager that does not read must not block the server.
            socket.SendTimeout = 1000;
            socket.SendTo(Encoding.UTF8.GetBytes(state), ServiceManager.AddressOf(_path));
        }
        catch (Exception e)
        {
            // Wrong path, no socket there or no permission: the service works without reporting its state.
            if (Interlocked.Exchange(ref _sendFailed, 1) == 0) _log.NotifyFailed(_path, e.Message);
        }
    }
}
