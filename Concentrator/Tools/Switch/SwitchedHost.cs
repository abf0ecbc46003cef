using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>The host to switch: the paths that change, and its commands. Tests replace them.</summary>
internal sealed record SwitchedHost
{
    public ExaminedHost Examined { get; init; } = new();

    public IHostCommands Commands { get; init; } = new HostCommands();

    /// <summary>Locked by the running switch, so that only one runs at a time.</summary>
    public string LockFile { get; init; } = "/run/concentrator-switch.lock";

    /// <summary>The journal of what was done, for undoing (<see cref="SwitchJournal"/>).</summary>
    public string StateFile { get; init; } = "/var/lib/concentrator/switch.json";

    /// <summary>Exists when systemd runs.</summary>
    public string SystemdDirectory { get; init; } = "/run/systemd/system";

    public string RsyslogDirectory { get; init; } = "/etc/rsyslog.d";

    /// <summary>Debian's file, from the package haproxy, that gives rsyslog HAProxy's socket.</summary>
    public string Snippet => Path.Combine(RsyslogDirectory, SocketHolderCheck.Snippet);

    /// <summary>The file's name when set aside. rsyslog ignores that suffix.</summary>
    public string SnippetAside => $"{Snippet}.disabled";

    public string RsyslogConfiguration { get; init; } = "/etc/rsyslog.conf";

    /// <summary>The path to which samples/haproxy.service.d/log.conf is installed.</summary>
    public string HaproxyDropIn { get; init; } = "/etc/systemd/system/haproxy.service.d/log.conf";

    /// <summary>The socket that Debian's haproxy.service mounts over HAProxy's socket.</summary>
    public string JournalSocket { get; init; } = "/run/systemd/journal/dev-log";

    /// <summary>The time limit for what should happen at once: a path, a line in a file, a new worker.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the switch waits for HAProxy's former workers to finish their connections.</summary>
    public TimeSpan WorkerPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="SwitchFailure">The exit code is not 0.</exception>
    public Task SystemctlAsync(CancellationToken stop, params string[] arguments) => RequireAsync("systemctl", arguments, stop);

    /// <summary>Restarts a unit however often it was started of late: its start limit begins anew (systemd.unit(5), StartLimitBurst=).</summary>
    public async Task RestartAsync(string unit, CancellationToken stop)
    {
        await SystemctlAsync(stop, "reset-failed", unit).ConfigureAwait(false);
        await SystemctlAsync(stop, "restart", unit).ConfigureAwait(false);
    }

    /// <summary>Whether systemctl answers a query (<c>is-active</c>, <c>is-enabled</c>) with yes.</summary>
    public async Task<bool> IsAsync(string question, string unit, CancellationToken stop) =>
        (await Commands.RunAsync("systemctl", [question, "--quiet", unit], stop).ConfigureAwait(false)).ExitCode == 0;

    /// <exception cref="SwitchFailure">The exit code is not 0.</exception>
    public async Task RequireAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        CommandResult result = await Commands.RunAsync(program, arguments, stop).ConfigureAwait(false);
        if (result.ExitCode == 0) return;
        string said = string.Join("; ", result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(6));
        throw new SwitchFailure(FormattableString.Invariant($"{program} {string.Join(' ', arguments)} failed ({result.ExitCode}): {said}"));
    }

    /// <summary>Polls until the condition holds or the time limit passes.</summary>
    public static async Task<bool> WaitAsync(Func<bool> holds, TimeSpan patience, CancellationToken stop)
    {
        long until = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (!holds())
        {
            if (Environment.TickCount64 > until) return holds();
            await Task.Delay(10, stop).ConfigureAwait(false);
        }
        return true;
    }
}
