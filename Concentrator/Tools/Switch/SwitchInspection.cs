using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Checks the host before anything is done, with the doctor's checks, and reports every obstacle in one line, with its remedy. Changes
/// nothing.
/// </summary>
internal sealed class SwitchInspection(SwitchedHost host, ServerOptions options)
{
    private static readonly string[] Ours = [UnitNames.Socket, UnitNames.Service];

    private readonly List<string> _obstacles = [];

    /// <summary>What prevents the switch; empty = nothing.</summary>
    public IReadOnlyList<string> Obstacles => _obstacles;

    /// <summary>The state of the host; null when an obstacle prevents any further check.</summary>
    public async Task<SwitchFindings?> LookAsync(CancellationToken stop)
    {
        if (!Directory.Exists(host.SystemdDirectory)) return Obstacle("systemd does not run here; samples/README.md describes the manual way");
        foreach (string unit in Ours)
            if (host.Examined.UnitFile(unit) is null) return Obstacle($"{unit} is not installed; install the package, or samples/{unit}");
        if (host.Examined.UnitFile(UnitNames.Haproxy) is null) return Obstacle($"HAProxy is not installed: there is no {UnitNames.Haproxy}");
        if (WorkerViews.Workers(host) is not [.., var worker]) return Obstacle($"HAProxy is not running; systemctl start {UnitNames.Haproxy}");
        HaproxyConfig config = worker.Config;
        if (config.Files.Count == 0) return Obstacle($"the configuration files of HAProxy (pid {worker.Pid}) cannot be found: {string.Join(", ", config.Missing)}");
        if (Place(config) is not { } place) return null;
        await LookAtSocketUnitAsync(place, stop).ConfigureAwait(false);

        bool comesHere = ComesHere(place);
        if (place.Abstract is not null) LookAtNetwork(worker, place);
        else if (!comesHere) await LookAtOurSocketAsync(stop).ConfigureAwait(false);
        bool hasSnippet = place.IsContended && LookAtRsyslog(place);
        return new SwitchFindings(place, comesHere, Reader(worker, place), hasSnippet, HaproxyEdit.ForUs(config, place));
    }

    private SwitchPlace? Place(HaproxyConfig config)
    {
        string files = string.Join(", ", config.Files);
        string chroot = SwitchPlace.ChrootOf(config);
        SwitchPlace[] ours = SwitchPlace.All(config, options);
        string? sendsTo = config.Logs.Select(static log => log.SocketPath).FirstOrDefault(static path => path is not null);
        if (ours.Length == 0)
        {
            Obstacle(chroot == SwitchPlace.NoChroot
                ? $"{files}: HAProxy is not in a chroot, so its lines go to the host's own socket; add to its section global: chroot /var/lib/haproxy"
                : $"no listener is a unix datagram socket in HAProxy's chroot; add one: \"haproxy\": {{ \"Address\": \"unix-dgram:{chroot}{sendsTo ?? "/dev/log"}\" }}");
            return null;
        }
        if (sendsTo is not null || !ours[0].IsOwnName) return ours[0];
        Obstacle($"{files}: no log line leads to a unix socket; add to its section global: log {ours[0].Address} len 8192 format rfc5424 local0");
        return null;
    }

    private async Task LookAtSocketUnitAsync(SwitchPlace place, CancellationToken stop)
    {
        CommandResult shown = await host.Commands.RunAsync("systemctl", ["show", "--property=Listen", UnitNames.Socket], stop).ConfigureAwait(false);
        if (place.Abstract is not null)
        {
            // The service starts the socket too, and it would take the path from its current reader.
            if (shown.Output.Contains($"{place.Chroot.TrimEnd('/')}/", StringComparison.Ordinal))
                Obstacle($"{UnitNames.Socket} also listens in {place.Chroot}, where HAProxy's lines must not go; systemd cannot hold the abstract name: systemctl mask {UnitNames.Socket}");
            return;
        }
        if (!shown.Output.Contains($"{place.HostPath} (Datagram)", StringComparison.Ordinal))
            Obstacle($"{UnitNames.Socket} does not listen at {place.HostPath}, unlike the configured listener; with systemctl edit {UnitNames.Socket}: [Socket] ListenDatagram={place.HostPath}");
    }

    /// <summary>Whether HAProxy's lines already arrive here, by HAProxy's own view and by the socket's holder.</summary>
    private bool ComesHere(SwitchPlace place) => place.Abstract is not null ? IsBound(place) :
        FileCalls.Identify(place.HostPath) is { IsSocket: true } socket && UnseenDirectory.IsAlive(place.HostPath) && WorkerViews.AllFind(host, place, socket)
        && ProofStep.ListenerFor(options, place) is { } listener
        && new SocketHolderCheck(host.Examined.Proc, listener, host.Examined.RestartServer).Look().All(static found => found.Verdict != Verdict.Fail);

    private bool IsBound(SwitchPlace place) => !place.IsOwnName && ProofStep.ListenerFor(options, place) is { } listener
        && new AbstractSocketCheck(host.Examined.Proc, listener, host.Examined.RestartServer, WorkerViews.Workers(host)).Look().All(static found => found.Verdict != Verdict.Fail);

    /// <summary>The service is in the host's network namespace, and an abstract name is not visible in another one.</summary>
    private void LookAtNetwork(HaproxyProcess worker, SwitchPlace place)
    {
        if (NetworkNamespace.Of(host.Examined.Proc, worker.Pid) is { } network && network != NetworkNamespace.Own)
            Obstacle(FormattableString.Invariant($"HAProxy (pid {worker.Pid}) is in another network namespace ({network}), where it does not see {place}: give the listener a path in {place.Chroot}"));
    }

    private async Task LookAtOurSocketAsync(CancellationToken stop)
    {
        foreach (string unit in Ours)
        {
            if (!await host.IsAsync("is-active", unit, stop).ConfigureAwait(false)) continue;
            Obstacle($"{unit} is active, but HAProxy's lines do not arrive there; first: systemctl stop {UnitNames.Socket} {UnitNames.Service}");
            return;
        }
    }

    /// <summary>Whether Debian's file exists. Another file that gives rsyslog the socket is left to the administrator.</summary>
    private bool LookAtRsyslog(SwitchPlace place)
    {
        IEnumerable<string> files = Directory.Exists(host.RsyslogDirectory) ? Directory.EnumerateFiles(host.RsyslogDirectory, "*.conf") : [];
        foreach (string file in files.Append(host.RsyslogConfiguration).Where(file => file != host.Snippet && Names(file, place.HostPath)))
            Obstacle($"{file} configures rsyslog to read {place.HostPath}; move its rules for HAProxy to {host.Snippet}, which the switch renames");

        // HAProxy's package installs it even on hosts without rsyslog.
        if (!File.Exists(host.Snippet) || host.Examined.UnitFile(UnitNames.Rsyslog) is null) return false;
        if (File.Exists(host.SnippetAside)) Obstacle($"{host.SnippetAside} and {host.Snippet} both exist: move one of them away");
        return true;
    }

    private static bool Names(string file, string path) => (ProcFile.TryRead(file) ?? "").Split('\n')
        .Any(line => !line.TrimStart().StartsWith('#') && line.Contains(path, StringComparison.Ordinal));

    private string Reader(HaproxyProcess worker, SwitchPlace place)
    {
        string[] paths = [.. worker.Config.Logs.Select(static log => log.SocketPath).OfType<string>().Distinct()];
        if (!place.IsOwnName && place.Abstract is { } name)
            return FormattableString.Invariant($"HAProxy (pid {worker.Pid}) sends to {place}, read by {PathOwner.At(name.Whole)?.Describe() ?? "no process"}");
        string at = paths.Contains(place.Address) ? place.Address : paths.FirstOrDefault() ?? place.Address;
        FileIdentity? seen = FileCalls.Identify(worker.Root + at);

        // Both systemd and journald hold the journal's socket.
        string who = seen is not null && seen == FileCalls.Identify(host.JournalSocket) ? "journald" : PathOwner.At(worker.Root + at)?.Describe() ?? "no process";
        bool isMounted = seen != FileCalls.Identify(place.Chroot.TrimEnd('/') + at);
        return FormattableString.Invariant($"HAProxy (pid {worker.Pid}) sends to {at} in {place.Chroot}, read by {who}{(isMounted ? ", whose socket systemd has mounted over it" : "")}");
    }

    private SwitchFindings? Obstacle(string line)
    {
        _obstacles.Add(line);
        return null;
    }
}
