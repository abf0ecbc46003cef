using System.Runtime.CompilerServices;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Targets.Relays;

namespace Concentrator.Tools.Doctor;

/// <summary>Runs every check, in the order of a message's journey: HAProxy, its socket, the kernel, the relays, the spool.</summary>
internal sealed class DoctorChecks(ExaminedHost host, ServerOptions options)
{
    private static readonly TimeSpan RateInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Version?> _versions = new(StringComparer.Ordinal);

    /// <summary>Runs every check once and changes nothing. Relays are checked concurrently.</summary>
    public async IAsyncEnumerable<Diagnosis> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        Task<Diagnosis>[] relays = [.. Relays().Select(relay => relay.LookAsync(stop)), .. Streams().Select(stream => stream.LookAsync(stop))];
        Task<Traffic> measuring = Traffic.MeasureAsync(options.Monitoring, RateInterval, stop);
        IReadOnlyList<HaproxyProcess> workers = HaproxyProcess.FindAll(host.Proc);
        HaproxyConfig? file = workers.Count == 0 && File.Exists(host.HaproxyConfig) ? HaproxyConfig.Read([host.HaproxyConfig]) : null;

        foreach (Diagnosis found in UnixChecks(workers, file)) yield return found;
        await foreach (Diagnosis found in HaproxyChecks(workers, file, stop).ConfigureAwait(false)) yield return found;

        Traffic traffic = await measuring.ConfigureAwait(false);
        UnitCheck? units = await UnitCheck.AskAsync(host, options.Listeners, stop).ConfigureAwait(false);
        foreach (Diagnosis found in units?.Look() ?? []) yield return found;
        if (options.Monitoring is not null && (traffic.IsMeasured || units?.TellsWhyNot != true))
            foreach (Diagnosis found in new ServerCheck(options.Monitoring.Address, traffic, host.StartServer).Look()) yield return found;
        if (options.Monitoring is not null && traffic.IsMeasured)
        {
            InsightCheck insight = new(SekoiaOutputs.Any(options), DateTimeOffset.UtcNow);
            foreach (Diagnosis found in await insight.AskAsync(options.Monitoring, stop).ConfigureAwait(false)) yield return found;
        }
        QueueSender? sender = await SenderAsync(workers, file, stop).ConfigureAwait(false);
        foreach (ListenerOptions listener in options.Listeners.Where(static listener => listener.Address.Transport == Transport.UnixDatagram))
            foreach (Diagnosis found in Look(KernelQueueCheck.QueueLength, new KernelQueueCheck(host, listener, sender, traffic).Look)) yield return found;
        foreach (Diagnosis found in new ReceiveBufferCheck(host, options.Listeners).Look()) yield return found;

        foreach (Task<Diagnosis> relay in relays) yield return await relay.ConfigureAwait(false);
        yield return ClockCheck.Look(host.Clock);
        foreach (Diagnosis found in Look($"spool {options.Spool.Directory}", new SpoolCheck(host.Proc, options.Spool, traffic).Look)) yield return found;
    }

    /// <summary>A check that is refused access, or whose subject disappears meanwhile, reports that and does not stop the others.</summary>
    private static IReadOnlyList<Diagnosis> Look(string subject, Func<IEnumerable<Diagnosis>> check)
    {
        try
        {
            return [.. check()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [Diagnosis.Warn(subject, $"cannot be checked: {e.Message}", e is UnauthorizedAccessException ? RefusedInspection.Anywhere() : "journalctl -k -n 20")];
        }
    }

    private ListenerOptions[] ListenersAtPaths => [.. options.Listeners.Where(static listener => listener.Address.Path is not null)];

    private IEnumerable<StreamCheck> Streams() =>
        from listener in options.Listeners
        where listener.Nats is not null
        from server in listener.Address.Servers!.List
        select new StreamCheck(listener, server, RelayDeadlines.Default);

    private IEnumerable<RelayCheck> Relays() =>
        from relay in options.Outputs.OfType<RelayOutputOptions>()
        from endpoint in relay.Endpoints.List
        select new RelayCheck(relay, endpoint, RelayDeadlines.Default);

    private IEnumerable<Diagnosis> UnixChecks(IReadOnlyList<HaproxyProcess> workers, HaproxyConfig? file)
    {
        foreach (ListenerOptions listener in ListenersAtPaths)
        {
            SocketPathCheck path = new(listener, host.RestartServer, [.. Writers(listener, workers, file)]);
            foreach (Diagnosis found in Look($"socket {listener.Address.Path}", path.Look)) yield return found;
            foreach (Diagnosis found in Look($"holder of {listener.Address.Path}", new SocketHolderCheck(host.Proc, listener, host.RestartServer).Look)) yield return found;
        }
        foreach (ListenerOptions listener in options.Listeners.Where(static listener => listener.Address.Abstract is not null))
            foreach (Diagnosis found in Look($"socket {listener.Address.UnixName}", new AbstractSocketCheck(host.Proc, listener, host.RestartServer, workers).Look)) yield return found;
        foreach (Diagnosis found in Look("HAProxy's view", new ChrootViewCheck(workers, options.Listeners).Look)) yield return found;
        foreach (Diagnosis found in Look(UnitNames.Haproxy, new UnitMountCheck(host, ListenersAtPaths).Look)) yield return found;
    }

    /// <summary>The HAProxy processes that log to this listener; without a running worker, the account that haproxy.cfg names.</summary>
    private static IEnumerable<SocketWriter> Writers(ListenerOptions listener, IReadOnlyList<HaproxyProcess> workers, HaproxyConfig? file)
    {
        foreach (HaproxyProcess worker in workers)
        {
            string root = $"{worker.Outside}/";
            if (worker.Account is { } account && LogsTo(listener, worker.Config, root))
                yield return new SocketWriter(FormattableString.Invariant($"HAProxy's worker (pid {worker.Pid})"), account, root);
        }
        if (file is not null && Account.Named(file.User, file.Group) is { } named && LogsTo(listener, file, file.Chroot ?? "/"))
            yield return new SocketWriter("HAProxy", named, file.Chroot ?? "/");
    }

    private static bool LogsTo(ListenerOptions listener, HaproxyConfig config, string root) =>
        config.Logs.Any(log => log.SocketPath is { } path && root.TrimEnd('/') + path == listener.Address.Path);

    private async IAsyncEnumerable<Diagnosis> HaproxyChecks(
        IReadOnlyList<HaproxyProcess> workers, HaproxyConfig? file, [EnumeratorCancellation] CancellationToken stop)
    {
        bool toSekoia = SekoiaOutputs.Any(options);

        // During a reload an old worker runs beside a new one, and both have read the same files. Their lines are checked once.
        foreach (HaproxyProcess worker in workers.DistinctBy(static worker => string.Join('\n', worker.Config.Files)))
        {
            Version? version = await VersionOfAsync(worker.Program, stop).ConfigureAwait(false);
            yield return Diagnosis.Ok("HAProxy", FormattableString.Invariant($"version {version?.ToString() ?? "unknown"}, pid {worker.Pid}{string.Concat(worker.Config.Files.Select(static read => $", {read}"))}"));
            LogDestinations destinations = new(worker.Config, options.Listeners, worker.Outside, worker.Root, SharesNetwork(worker), host.Addresses);
            string whose = FormattableString.Invariant($"HAProxy (pid {worker.Pid})");
            foreach (Diagnosis found in LineChecks(worker.Config, version, toSekoia, whose, destinations)) yield return found;
            foreach (HaproxyProcess one in workers.Where(one => one.Config.Files.SequenceEqual(worker.Config.Files)))
                foreach (Diagnosis found in Look("HAProxy's rings", new HalfClosedRingCheck(host.Proc, one.Pid, version, destinations.BehindOctetCounts()).Look)) yield return found;

            // When the configuration could not be read, the line above reports that.
            if (worker.Config.Files.Count == 0) continue;
            foreach (Diagnosis found in await new DroppedLogsCheck(worker.Config, KernelQueueCheck.Remedy(host)).LookAsync(stop).ConfigureAwait(false)) yield return found;
            foreach (Diagnosis found in await new StoppedRingCheck(worker.Config, TimeProvider.System).LookAsync(stop).ConfigureAwait(false)) yield return found;
        }
        if (file is null) yield break;
        Version? installed = await VersionOfAsync(host.HaproxyProgram, stop).ConfigureAwait(false);
        yield return Diagnosis.Warn("HAProxy", $"version {installed?.ToString() ?? "unknown"}, not running", "systemctl start haproxy");
        LogDestinations meant = new(file, options.Listeners, (file.Chroot ?? "").TrimEnd('/'), null, sharesNetwork: true, host.Addresses);
        foreach (Diagnosis found in LineChecks(file, installed, toSekoia, host.HaproxyConfig, meant)) yield return found;
    }

    private IEnumerable<Diagnosis> LineChecks(HaproxyConfig config, Version? version, bool toSekoia, string whose, LogDestinations destinations) =>
    [
        .. new LogLineCheck(config, version, destinations).Look(),
        .. Look("HAProxy's log lines", new LogDestinationCheck(host.Proc, config, whose, destinations, options.Listeners).Look),
        .. toSekoia ? new LineFormatCheck(config).Look() : [],
    ];

    /// <summary>Whether a worker shares this network namespace. Assumed when it cannot be seen.</summary>
    private bool SharesNetwork(HaproxyProcess worker) => NetworkNamespace.Of(host.Proc, worker.Pid) is not { } its || its == NetworkNamespace.Own;

    /// <summary>The version of a program. Each program is run once.</summary>
    private async Task<Version?> VersionOfAsync(string program, CancellationToken stop)
    {
        if (_versions.TryGetValue(program, out Version? known)) return known;
        Version? version = await HaproxyProcess.VersionOfAsync(program, stop).ConfigureAwait(false);

        // Only root may run another user's program through <c>/proc/PID/exe</c>.
        if (version is null && !host.IsRoot) version = await HaproxyProcess.VersionOfAsync(host.HaproxyProgram, stop).ConfigureAwait(false);
        return _versions[program] = version;
    }

    private async Task<QueueSender?> SenderAsync(IReadOnlyList<HaproxyProcess> workers, HaproxyConfig? file, CancellationToken stop)
    {
        if (workers.Count > 0)
        {
            Version? version = await VersionOfAsync(workers[0].Program, stop).ConfigureAwait(false);
            return new QueueSender(workers[0].Threads, workers[0].Config.SendBuffer, version);
        }
        if (file is null) return null;
        Version? installed = await VersionOfAsync(host.HaproxyProgram, stop).ConfigureAwait(false);
        return new QueueSender(file.Threads ?? Environment.ProcessorCount, file.SendBuffer, installed);
    }
}
