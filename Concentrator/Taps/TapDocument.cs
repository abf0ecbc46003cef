using System.Globalization;
using System.Text.Json;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;

namespace Concentrator.Taps;

/// <summary>
/// The lines that a tap's client receives, one JSON object each; <c>type</c> says which. docs/reference/control-socket.md lists the members.
/// Members may be added; another meaning needs another version of <see cref="TapRequest.Verb"/>.
/// </summary>
/// <param name="keys">Hides intake keys in every text of a message.</param>
internal sealed class TapDocument(KeyMask keys)
{
    /// <summary>A time: RFC 3339, UTC, microseconds.</summary>
    public static string Instant(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The first line: the server, with its listeners and outputs.</summary>
    public static void WriteHello(Utf8JsonWriter json, ServerOptions options, IReadOnlyList<ListenerSnapshot> listeners)
    {
        json.WriteStartObject();
        json.WriteString("type", "hello");
        json.WriteString("version", ProgramVersion.Current.Number);
        json.WriteNumber("pid", Environment.ProcessId);
        json.WriteStartArray("listeners");
        foreach (ListenerOptions listener in options.Listeners)
        {
            json.WriteStartObject();
            json.WriteString("name", listener.Name);
            json.WriteString("address", listeners.FirstOrDefault(l => l.Name == listener.Name).Address ?? listener.Address.ToString());
            json.WriteString("framing", listener.Framing.ToString());
            json.WriteString("format", listener.Format.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("outputs");
        foreach (OutputOptions output in options.Outputs)
        {
            json.WriteStartObject();
            json.WriteString("name", output.Name);
            json.WriteString("type", output is RelayOutputOptions ? "relay" : "file");
            json.WriteString("to", output switch
            {
                FileOutputOptions file => file.Path,
                RelayOutputOptions relay => string.Join(", ", relay.Endpoints.List),
                _ => null,
            });
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A message.</summary>
    /// <param name="number">From 1; the lines about its stations repeat it.</param>
    public void WriteMessage(Utf8JsonWriter json, ref TapRecordReader record, long number)
    {
        HeaderFormat hint = record.Has(TapFlags.IsContinued) ? HeaderFormat.Raw : record.Head.Format;
        SyslogParser.Parse(record.Frame, hint, out SyslogMessage message);
        json.WriteStartObject();
        json.WriteString("type", "message");
        json.WriteNumber("number", number);
        json.WriteString("received", record.ReceivedAt);
        json.WriteString("routed", Instant(new DateTime(record.Head.RoutedAt, DateTimeKind.Utc)));
        json.WriteString("listener", record.Listener);
        json.WriteString("sender", record.Has(TapFlags.HasSender) ? new SenderAddress(record.Head.Sender, true).ToIPAddress().ToString() : null);
        json.WriteNumber("bytes", record.Head.FrameLength);
        json.WriteBoolean("shown_whole", record.Head.FrameBytes == record.Head.FrameLength);
        json.WriteBoolean("truncated", record.Has(TapFlags.IsTruncated));
        json.WriteBoolean("malformed", message.IsMalformed);
        json.WriteString("frame", VisibleText.Of(record.Frame, keys));
        json.WriteString("header", HeaderName.Of(message, hint));
        WriteFields(json, message);
        WriteSent(json, ref record);
        WriteRoutes(json, ref record);
        json.WriteEndObject();
    }

    /// <summary>How many messages were matched, shown and passed over so far, or in all.</summary>
    /// <param name="shown">Lines of messages that were sent.</param>
    public static void WriteCounts(Utf8JsonWriter json, in TapCounts counts, long shown, bool isEnd)
    {
        json.WriteStartObject();
        json.WriteString("type", isEnd ? "end" : "counts");
        json.WriteNumber("matched", counts.Matched);
        json.WriteNumber("shown", shown);
        json.WriteNumber("passed_over_rate", counts.PassedForRate);
        json.WriteNumber("passed_over_slow", counts.PassedForRoom);
        json.WriteEndObject();
    }

    private void WriteFields(Utf8JsonWriter json, in SyslogMessage message)
    {
        if (message.HasPri) json.WriteNumber("pri", message.Pri);
        else json.WriteNull("pri");
        json.WriteString("facility", message.Facility.ToString().ToLowerInvariant());
        json.WriteString("severity", message.Severity.ToString().ToLowerInvariant());
        WriteField(json, "timestamp", message.Timestamp);
        WriteField(json, "hostname", message.HostName);
        WriteField(json, "app_name", message.AppName);
        WriteField(json, "procid", message.ProcId);
        WriteField(json, "msgid", message.MsgId);
        WriteField(json, "structured_data", message.StructuredData);
        json.WriteString("message", VisibleText.Of(message.Text, keys));
    }

    private void WriteField(Utf8JsonWriter json, string name, ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty) json.WriteNull(name);
        else json.WriteString(name, VisibleText.Of(field, keys));
    }

    private void WriteSent(Utf8JsonWriter json, ref TapRecordReader record)
    {
        if (record.Head.SentLength < 0) return;
        json.WriteNumber("sent_bytes", record.Head.SentLength);
        if (record.Head.SentBytes == record.Head.SentLength) json.WriteString("sent", VisibleText.Of(record.Sent, keys));
        else json.WriteNull("sent");
    }

    private static void WriteRoutes(Utf8JsonWriter json, ref TapRecordReader record)
    {
        json.WriteStartArray("routes");
        for (int i = 0; i < record.Head.Steps; i++)
        {
            TapStepHead step = record.NextStep(out string? output);
            json.WriteStartObject();
            json.WriteNumber("route", step.Route);
            json.WriteString("output", output);
            json.WriteString("outcome", step.Outcome switch
            {
                StepOutcome.Queued => "queued",
                StepOutcome.Dropped => "dropped",
                StepOutcome.Empty => "empty",
                _ => "no output",
            });
            if (step.Outcome == StepOutcome.Dropped) json.WriteString("reason", step.Reason.Label());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteBoolean("more_routes", record.Has(TapFlags.HasMoreSteps));
    }
}
