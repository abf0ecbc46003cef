using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.Systemd;

/// <summary>
/// Tells systemd how the service is (sd_notify(3)): datagrams to the socket that <c>NOTIFY_SOCKET</c> names. Without the
/// variable every call does nothing. Nothing here throws: the first failure is logged and the rest is silence.
/// Any thread may call. The owner disposes it, which ends the watchdog's timer.
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
    /// <param name="watchdog">After this time without a sign of life systemd kills us; null = it does not watch.</param>
    /// <param name="log">For the first failure.</param>
    /// <param name="time">The clock of the watchdog.</param>
    public SystemdNotifier(string? notifySocket, TimeSpan? watchdog, ILogger log, TimeProvider time)
    {
        _path = string.IsNullOrEmpty(notifySocket) ? null : notifySocket;
        _watchdog = watchdog;
        _log = log;
        _time = time;
    }

    /// <summary>As the environment of this process says.</summary>
    public static SystemdNotifier FromEnvironment(ILogger log, TimeProvider time) => new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET"),
        WatchdogTimeout(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID")),
        log,
        time);

    /// <summary>Started, or done with a reload.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>A reload begins; <see cref="Ready"/> ends it. The time lets systemd tell this reload from an earlier one.</summary>
    public void Reloading() =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}"));

    public void Stopping() => Send("STOPPING=1");

    /// <summary>Whether there is somebody to tell.</summary>
    public bool IsHeard => _path is not null;

    /// <summary>One line for <c>systemctl status</c>; sent when it is another than the last.</summary>
    public void Status(string line)
    {
        if (Interlocked.Exchange(ref _status, line) != line) Send("STATUS=" + line.ReplaceLineEndings(" "));
    }

    /// <summary>After this time without a sign of life we are killed and started again; null = nobody watches.</summary>
    public TimeSpan? WatchdogTime => _path is null ? null : _watchdog;

    /// <summary>
    /// Gives a sign of life now and then twice in each watchdog time, while <paramref name="problem"/> knows none (called on a
    /// timer's thread; an exception is one). Does nothing if systemd does not watch or when called again.
    /// </summary>
    /// <param name="problem">Why we are not alive, for people; null = we are.</param>
    public void StartWatchdog(Func<string?> problem)
    {
        if (WatchdogTime is not { } timeout || _timer is not null) return;
        _timer = _time.CreateTimer(_ => SignOfLife(problem), null, TimeSpan.Zero, timeout / 2);
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>The time of <c>WATCHDOG_USEC</c>, unless <c>WATCHDOG_PID</c> says that it is meant for another process.</summary>
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
            // A check that cannot be made is no sign of life, and an exception on a timer would end the process.
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

    // The clock of CLOCK_MONOTONIC, which TimeProvider.System shares on Linux.
    private long MonotonicMicroseconds() => (long)((Int128)_time.GetTimestamp() * 1_000_000 / _time.TimestampFrequency);

    private void Send(string state)
    {
        if (_path is null) return;
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

            // A manager that does not read must not hold the server up.
            socket.SendTimeout = 1000;
            socket.SendTo(Encoding.UTF8.GetBytes(state), ServiceManager.AddressOf(_path));
        }
        catch (Exception e)
        {
            // Bad path, no socket there, no permission: the service works without its manager knowing.
            if (Interlocked.Exchange(ref _sendFailed, 1) == 0) _log.NotifyFailed(_path, e.Message);
        }
    }
}
