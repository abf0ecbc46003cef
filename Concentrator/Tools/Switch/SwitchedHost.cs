using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>The host that is switched: where it keeps what is changed, and its commands. A test has one of its own.</summary>
internal sealed record SwitchedHost
{
    public ExaminedHost Examined { get; init; } = new();

    public IHostCommands Commands { get; init; } = new HostCommands();

    /// <summary>Held by the one switch that is at work.</summary>
    public string LockFile { get; init; } = "/run/concentrator-switch.lock";

    /// <summary>What was done, for the way back (<see cref="SwitchJournal"/>).</summary>
    public string StateFile { get; init; } = "/var/lib/concentrator/switch.json";

    /// <summary>There when systemd runs.</summary>
    public string SystemdDirectory { get; init; } = "/run/systemd/system";

    public string RsyslogDirectory { get; init; } = "/etc/rsyslog.d";

    /// <summary>Debian's, of the package haproxy: gives rsyslog HAProxy's socket.</summary>
    public string Snippet => Path.Combine(RsyslogDirectory, SocketHolderCheck.Snippet);

    /// <summary>Where it lies when it is set aside: rsyslog reads no file of that name.</summary>
    public string SnippetAside => $"{Snippet}.disabled";

    public string RsyslogConfiguration { get; init; } = "/etc/rsyslog.conf";

    /// <summary>samples/haproxy.service.d/log.conf goes there.</summary>
    public string HaproxyDropIn { get; init; } = "/etc/systemd/system/haproxy.service.d/log.conf";

    /// <summary>What Debian's haproxy.service mounts over HAProxy's socket.</summary>
    public string JournalSocket { get; init; } = "/run/systemd/journal/dev-log";

    /// <summary>How long is waited for what should come at once: a path, a line in a file, a new worker.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long HAProxy's former workers may go on with their connections before the switch stops waiting for them.</summary>
    public TimeSpan WorkerPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="SwitchFailure">It ends with anything but 0.</exception>
    public Task SystemctlAsync(CancellationToken stop, params string[] arguments) => RequireAsync("systemctl", arguments, stop);

    /// <summary>Whether systemctl's question (<c>is-active</c>, <c>is-enabled</c>) is answered with yes.</summary>
    public async Task<bool> IsAsync(string question, string unit, CancellationToken stop) =>
        (await Commands.RunAsync("systemctl", [question, "--quiet", unit], stop).ConfigureAwait(false)).ExitCode == 0;

    /// <exception cref="SwitchFailure">It ends with anything but 0.</exception>
    public async Task RequireAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        CommandResult result = await Commands.RunAsync(program, arguments, stop).ConfigureAwait(false);
        if (result.ExitCode == 0) return;
        string said = string.Join("; ", result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(6));
        throw new SwitchFailure(FormattableString.Invariant($"{program} {string.Join(' ', arguments)} failed ({result.ExitCode}): {said}"));
    }

    /// <summary>Asks again and again until it holds or patience is over.</summary>
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
