using System.Diagnostics.Metrics;
using System.Globalization;
using Concentrator.Accounting;
using Concentrator.Telemetry.Log;

namespace Concentrator.Telemetry.Metrics;

/// <summary>
/// The instruments of the program, each defined once and read from the ledger when observed. Any number of
/// <see cref="MeterListener"/>s may read them; a scrape that must balance reads through <see cref="Observe"/>.
/// </summary>
internal sealed class ServerMetrics : IDisposable
{
    private readonly Ledger _ledger;
    private readonly Lock _gate = new();
    private volatile MetricSnapshot? _frame;

    public ServerMetrics(Ledger ledger)
    {
        _ledger = ledger;
        Meter = new Meter("Concentrator", ProgramVersion.Current.Number);

        Listener("concentrator_received_messages_total", "Messages received by the listener.", static l => l.Received);
        Listener("concentrator_received_bytes_total", "Bytes of the messages received, without framing.", static l => l.ReceivedBytes);
        Listener("concentrator_routed_messages_total", "Messages that matched at least one route.", static l => l.Routed);
        Listener("concentrator_malformed_messages_total", "Messages with an unparsable header, delivered unchanged.", static l => l.Malformed);
        Listener("concentrator_truncated_messages_total", "Messages truncated at MaxMessageSize.", static l => l.Truncated);
        Listener("concentrator_kernel_dropped_datagrams_total", "Datagrams dropped by the kernel before they were read.",
            static l => l.KernelDropped);
        Meter.CreateObservableCounter("concentrator_lost_before_messages_total", () => Frame.Listeners.SelectMany(Lost),
            null, "Messages lost before they reached the listener, as far as their sender says so, by reason.");
        Listener("concentrator_listener_framing_violations_total", "Connections reset because of invalid framing.",
            static l => l.FramingViolations);
        Listener("concentrator_listener_redelivered_messages_total", "Messages that a stream had given out before: they may be delivered twice.", static l => l.Redelivered);
        Meter.CreateObservableGauge("concentrator_listener_unacknowledged", () => Frame.Listeners.Select(static l => new Measurement<long>(l.Unacknowledged, Label("listener", l.Name))),
            null, "Messages of a stream, each perhaps a block of many, that are received and not acknowledged.");
        Listener("concentrator_listener_refused_connections_total", "Connections refused at MaxConnections or MaxConnectionsPerAddress.",
            static l => l.RefusedConnections);
        Meter.CreateObservableCounter("concentrator_listener_cut_connections_total", () => Frame.Listeners.SelectMany(Cut),
            null, "Connections closed by the server, by reason.");
        Meter.CreateObservableCounter("concentrator_unrouted_messages_total", () => Frame.Listeners.Sum(static l => l.Unrouted),
            null, "Messages that matched no route.");

        Output("concentrator_output_accepted_messages_total", "Messages routed to the output: delivered + queued + dropped.",
            static o => o.Accepted);
        Output("concentrator_output_delivered_messages_total", "Messages delivered: written to the file or acknowledged by the peer.", static o => o.Delivered);
        Output("concentrator_output_truncated_messages_total", "Messages truncated at the output's MaxFrameSize.", static o => o.Truncated);
        Meter.CreateObservableCounter("concentrator_output_dropped_messages_total", () => Frame.Outputs.SelectMany(Dropped),
            null, "Messages accepted but dropped before delivery, by reason.");
        Meter.CreateObservableGauge("concentrator_output_queued_messages", () => PerOutput(static o => o.Queued),
            null, "Messages accepted but not yet delivered.");
        Meter.CreateObservableGauge("concentrator_output_queued_bytes", () => PerOutput(static o => o.QueuedBytes),
            null, "Bytes of queued messages.");
        Meter.CreateObservableGauge("concentrator_output_capacity_bytes", () => PerOutput(static o => o.Capacity),
            null, "Capacity of the queue in bytes, used and free.");
        Meter.CreateObservableGauge("concentrator_output_drain_seconds", () => PerOutput(static o => o.Estimate?.DrainSeconds),
            null, "Estimated time in seconds until the backlog is delivered; +Inf while it does not shrink, 0 if there is none.");
        Meter.CreateObservableGauge("concentrator_output_autonomy_seconds", () => PerOutput(static o => o.Estimate?.AutonomySeconds),
            null, "Estimated time in seconds until the queue is full if nothing is delivered; +Inf while nothing arrives.");
        Meter.CreateObservableGauge("concentrator_relay_connected", () => PerRelay(static o => o.Connected ? 1 : 0),
            null, "1 if the relay is connected, otherwise 0.");
        Meter.CreateObservableCounter("concentrator_relay_reconnects_total", () => PerRelay(static o => o.Reconnects),
            null, "Relay connections that have ended.");
        Meter.CreateObservableCounter("concentrator_relay_known_publications_total", () => PerRelay(static o => o.Known),
            null, "Publications that the stream had already: sent again after a lost acknowledgement, and stored once.");
        Meter.CreateObservableGauge("concentrator_relay_certificate_expiry_timestamp_seconds", () => PerOutput(static o => CertificateExpiry(o.Peer)),
            null, "End of the connected peer's certificate since the Unix epoch in seconds.");
        Meter.CreateObservableGauge("concentrator_spool_free_bytes", SpoolFreeBytes, null,
            "Free bytes on the spool's file system.");

        Meter.CreateObservableCounter("concentrator_log_lines_dropped_total", () => Frame.DroppedLogLines, null,
            "Lines of the server's own log dropped because standard error was not read in time.");

        HAProxyMetrics.Define(Meter, () => Frame.Traffic);

        Meter.CreateObservableGauge("concentrator_build_info", static () => new Measurement<long>(1, BuildLabels()),
            null, "Always 1; labelled with the version and, if known at build time, the commit.");
        Meter.CreateObservableGauge("process_resident_memory_bytes", () => Frame.ResidentMemory, null, "Resident memory in bytes.");
        Meter.CreateObservableCounter("process_cpu_seconds_total", () => Frame.CpuSeconds, null, "User and system CPU time in seconds.");
        Meter.CreateObservableGauge("process_start_time_seconds", () => Frame.StartTimeSeconds, null,
            "Start time of the process since the Unix epoch in seconds.");
        Meter.CreateObservableCounter("dotnet_gc_collections_total", GarbageCollections, null, "Garbage collections by generation.");
        Meter.CreateObservableCounter("dotnet_gc_allocated_bytes_total", () => Frame.AllocatedBytes, null,
            "Bytes allocated on the garbage-collected heap.");
        Meter.CreateObservableGauge("process_open_fds", OpenFileDescriptors, null, "Open file descriptors.");
    }

    public Meter Meter { get; }

    private MetricSnapshot Frame => _frame ?? MetricSnapshot.Take(_ledger);

    /// <summary>Makes every instrument that is read while the function runs read from one frame. One caller at a time; others wait.</summary>
    public bool Observe(Func<bool> observe)
    {
        lock (_gate)
        {
            _frame = MetricSnapshot.Take(_ledger);
            try
            {
                return observe();
            }
            finally
            {
                _frame = null;
            }
        }
    }

    public void Dispose() => Meter.Dispose();

    private void Listener(string name, string help, Func<ListenerSnapshot, long> value) => Meter.CreateObservableCounter(
        name, () => Frame.Listeners.Select(l => new Measurement<long>(value(l), Label("listener", l.Name))), null, help);

    private static IEnumerable<Measurement<long>> Cut(ListenerSnapshot listener) => ConnectionCutReasons.All.Select(
        reason => new Measurement<long>(listener.CutConnections?[(int)reason] ?? 0, Label("listener", listener.Name), Label("reason", reason.Label())));

    private static IEnumerable<Measurement<long>> Lost(ListenerSnapshot listener) => LossesBefore.All.Select(
        reason => new Measurement<long>(listener.LostBefore?[(int)reason] ?? 0, Label("listener", listener.Name), Label("reason", reason.Label())));

    private void Output(string name, string help, Func<OutputSnapshot, long> value) =>
        Meter.CreateObservableCounter(name, () => PerOutput(value), null, help);

    private IEnumerable<Measurement<long>> PerOutput(Func<OutputSnapshot, long> value) =>
        Frame.Outputs.Select(o => new Measurement<long>(value(o), Label("output", o.Name)));

    private IEnumerable<Measurement<double>> PerOutput(Func<OutputSnapshot, double?> value)
    {
        foreach (OutputSnapshot output in Frame.Outputs)
        {
            if (value(output) is { } known) yield return new Measurement<double>(known, Label("output", output.Name));
        }
    }

    private IEnumerable<Measurement<long>> PerRelay(Func<OutputSnapshot, long> value) =>
        Frame.Outputs.Where(static o => o.IsRelay).Select(o => new Measurement<long>(value(o), Label("output", o.Name)));

    /// <summary>Null without a TLS connection.</summary>
    private static double? CertificateExpiry(ConnectedPeer? peer) =>
        peer?.CertificateEnds is { } end ? Math.Floor((end.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds) : null;

    private static IEnumerable<Measurement<long>> Dropped(OutputSnapshot output) => DropReasons.All.Select(
        reason => new Measurement<long>(output.Dropped[(int)reason], Label("output", output.Name), Label("reason", reason.Label())));

    private IEnumerable<Measurement<long>> SpoolFreeBytes() =>
        Frame.SpoolFreeBytes is { } free ? [new Measurement<long>(free)] : [];

    private IEnumerable<Measurement<long>> GarbageCollections() => Frame.GarbageCollections.Select(static (count, generation) =>
        new Measurement<long>(count, Label("generation", generation.ToString(CultureInfo.InvariantCulture))));

    private IEnumerable<Measurement<long>> OpenFileDescriptors() =>
        Frame.OpenFileDescriptors is { } count ? [new Measurement<long>(count)] : [];

    private static KeyValuePair<string, object?>[] BuildLabels() => ProgramVersion.Current is { Commit: { } commit } build
        ? [Label("version", build.Number), Label("revision", commit)]
        : [Label("version", ProgramVersion.Current.Number)];

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
