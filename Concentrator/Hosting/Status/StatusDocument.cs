using System.Buffers;
using System.Text.Json;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;

namespace Concentrator.Hosting.Status;

/// <summary>
/// The document served as <c>/status.json</c> and shown by <c>concentrator status</c>, a snapshot; docs/reference/metrics.md lists its
/// members. Members may be added; removing one or changing its meaning increases <see cref="Version"/>. It is built on request and
/// costs nothing otherwise. Any thread may call.
/// </summary>
internal sealed class StatusDocument(ServerView view, TimeProvider time)
{
    public const int Version = 1;

    public const string ContentType = "application/json";

    /// <summary>Renders the document: UTF-8, one line.</summary>
    public byte[] Render()
    {
        ArrayBufferWriter<byte> bytes = new(4096);
        using (Utf8JsonWriter json = new(bytes)) Write(json);
        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        ServerOptions? options = view.Options;
        IReadOnlyList<ListenerSnapshot> listeners = view.Ledger.Listeners();
        IReadOnlyList<OutputSnapshot> outputs = view.Ledger.Outputs();
        IReadOnlyList<string> problems = ReadinessRule.Problems(view.IsListening, listeners, outputs);
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("time", Instant.Text(time.GetUtcNow().UtcDateTime));
        json.WriteStartObject("server");
        json.WriteString("version", ProgramVersion.Current.Number);
        json.WriteString("revision", ProgramVersion.Current.Commit);
        json.WriteNumber("pid", Environment.ProcessId);
        json.WriteNumber("uptime_seconds", Math.Round(view.Uptime.TotalSeconds, 1));
        json.WriteString("configured", view.ConfiguredAt is { } configured ? Instant.Text(configured) : null);
        json.WriteEndObject();
        json.WriteBoolean("ready", problems.Count == 0);
        json.WriteStartArray("problems");
        foreach (string problem in problems) json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WriteStartArray("listeners");
        foreach (ListenerSnapshot listener in listeners) Write(json, listener, options);
        json.WriteEndArray();
        json.WriteStartArray("outputs");
        foreach (OutputSnapshot output in outputs) Write(json, output, options);
        json.WriteEndArray();
        WriteSpool(json, options);
        WriteLog(json);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, in ListenerSnapshot listener, ServerOptions? options)
    {
        string name = listener.Name;
        ListenAddress? configured = options?.Listeners.FirstOrDefault(l => l.Name == name)?.Address;
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("address", configured is null ? null : listener.Address ?? configured.ToString());
        json.WriteNumber("received", listener.Received);
        json.WriteNumber("routed", listener.Routed);
        json.WriteNumber("unrouted", listener.Unrouted);
        json.WriteBoolean("balances", listener.Balances);
        json.WriteNumber("received_bytes", listener.ReceivedBytes);
        json.WriteNumber("malformed", listener.Malformed);
        json.WriteNumber("truncated", listener.Truncated);
        json.WriteNumber("kernel_dropped", listener.KernelDropped);
        json.WriteStartObject("lost_before");
        foreach (LostBefore reason in LossesBefore.All) json.WriteNumber(reason.Label(), listener.LostBefore?[(int)reason] ?? 0);
        json.WriteEndObject();
        json.WriteNumber("framing_violations", listener.FramingViolations);
        json.WriteNumber("redelivered", listener.Redelivered);
        json.WriteNumber("unacknowledged", listener.Unacknowledged);
        json.WriteNumber("refused_connections", listener.RefusedConnections);
        json.WriteStartObject("cut_connections");
        foreach (ConnectionCutReason reason in ConnectionCutReasons.All) json.WriteNumber(reason.Label(), listener.CutConnections?[(int)reason] ?? 0);
        json.WriteEndObject();
        InsightDocument.Write(json, listener.Insight?.Read());
        json.WriteString("problem", listener.Problem);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, in OutputSnapshot output, ServerOptions? options)
    {
        string name = output.Name;
        OutputOptions? configured = options?.Outputs.FirstOrDefault(o => o.Name == name);
        RelayOutputOptions? relay = configured as RelayOutputOptions;
        json.WriteStartObject();
        json.WriteString("name", output.Name);
        json.WriteString("type", relay?.Type ?? (configured is FileOutputOptions ? "file" : null));
        json.WriteBoolean("sekoia", relay is not null && SekoiaOutputs.Has(options!, relay));
        json.WriteStartArray("to");
        if (configured is FileOutputOptions file) json.WriteStringValue(file.Path);
        foreach (RelayEndpoint endpoint in relay?.Endpoints.List ?? []) json.WriteStringValue(endpoint.ToString());
        json.WriteEndArray();
        json.WriteNumber("accepted", output.Accepted);
        json.WriteNumber("delivered", output.Delivered);
        json.WriteNumber("queued", output.Queued);
        json.WriteStartObject("dropped");
        foreach (DropReason reason in DropReasons.All) json.WriteNumber(reason.Label(), output.Dropped[(int)reason]);
        json.WriteEndObject();
        json.WriteBoolean("balances", output.Balances);
        json.WriteNumber("truncated", output.Truncated);
        json.WriteNumber("queued_bytes", output.QueuedBytes);
        json.WriteNumber("capacity_bytes", output.Capacity);
        json.WriteNumber("stored", output.StoredMessages);
        json.WriteNumber("stored_bytes", output.StoredBytes);
        WriteSeconds(json, "drain_seconds", output.Estimate?.DrainSeconds);
        WriteSeconds(json, "autonomy_seconds", output.Estimate?.AutonomySeconds);
        json.WriteString("problem", output.Problem);
        if (output.IsRelay) WriteRelay(json, output);
        else json.WriteNull("relay");
        json.WriteEndObject();
    }

    private static void WriteRelay(Utf8JsonWriter json, in OutputSnapshot output)
    {
        json.WriteStartObject("relay");
        json.WriteBoolean("connected", output.Connected);
        json.WriteString("endpoint", output.Peer?.Endpoint);
        json.WriteString("protocol", output.Peer?.Protocol);

        // ToUniversalTime clamps at the last day of the calendar, which a certificate without an end would exceed in some time zones.
        json.WriteString("certificate_ends", output.Peer?.CertificateEnds is { } end ? Instant.Text(end.ToUniversalTime()) : null);
        json.WriteNumber("reconnects", output.Reconnects);
        json.WriteNumber("known_publications", output.Known);
        json.WriteNumber("outages", output.Outages.Began);
        json.WriteNumber("outage_seconds", Math.Round(output.Outages.Duration.TotalSeconds, 1));
        json.WriteEndObject();
    }

    private void WriteSpool(Utf8JsonWriter json, ServerOptions? options)
    {
        json.WriteStartObject("spool");
        json.WriteString("directory", options?.Spool.Directory);
        json.WriteNumber("bound_bytes", options?.Spool.MaxSize ?? 0);
        if (view.Ledger.SpoolFreeBytes is { } free) json.WriteNumber("free_bytes", free);
        else json.WriteNull("free_bytes");
        json.WriteEndObject();
    }

    private void WriteLog(Utf8JsonWriter json)
    {
        json.WriteStartObject("log");
        json.WriteNumber("dropped_lines", view.Ledger.DroppedLogLines);
        json.WriteStartArray("recent");
        foreach (RecentEvent recent in view.Events.Read())
        {
            json.WriteStartObject();
            json.WriteString("time", Instant.Text(recent.Time.UtcDateTime));
            json.WriteString("first", Instant.Text(recent.First.UtcDateTime));
            json.WriteString("level", recent.Level);
            json.WriteNumber("count", recent.Count);
            json.WriteString("message", recent.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes infinity as the text that most languages parse as such, because JSON has no infinity.</summary>
    private static void WriteSeconds(Utf8JsonWriter json, string name, double? seconds)
    {
        if (seconds is not { } known) json.WriteNull(name);
        else if (double.IsFinite(known)) json.WriteNumber(name, Math.Round(known, 1));
        else json.WriteString(name, "Infinity");
    }
}
