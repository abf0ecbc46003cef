using System.Buffers;
using System.Text;
using System.Text.Json;
using Concentrator.Hosting.Views;

namespace Concentrator.Tools.Top;

/// <summary>A <see cref="RatedReading"/> as one line of JSON for scripts: rates per second, null where they are unknown.</summary>
internal static class TopJson
{
    public static string Line(RatedReading frame)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("time", Instant.Text(frame.Now.Time));
            json.WriteBoolean("ready", frame.Now.IsReady);
            json.WriteStartArray("listeners");
            for (int i = 0; i < frame.Now.Listeners.Count; i++) Write(json, frame.Now.Listeners[i], frame.Listeners[i]);
            json.WriteEndArray();
            json.WriteStartArray("outputs");
            for (int i = 0; i < frame.Now.Outputs.Count; i++) Write(json, frame.Now.Outputs[i], frame.Outputs[i]);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, ListenerReading listener, ListenerRates? rates)
    {
        json.WriteStartObject();
        json.WriteString("name", listener.Name);
        WriteRate(json, "received_per_second", rates?.Messages);
        WriteRate(json, "received_bytes_per_second", rates?.Bytes);
        json.WriteNumber("received", listener.Received);
        json.WriteNumber("unrouted", listener.Unrouted);
        json.WriteNumber("kernel_dropped", listener.KernelDropped);
        json.WriteNumber("lost_before", listener.LostBefore);
        json.WriteNumber("unreadable", listener.Unreadable);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, OutputReading output, OutputRates? rates)
    {
        json.WriteStartObject();
        json.WriteString("name", output.Name);
        WriteRate(json, "accepted_per_second", rates?.Accepted);
        WriteRate(json, "delivered_per_second", rates?.Delivered);
        WriteRate(json, "dropped_per_second", rates?.Dropped);
        json.WriteNumber("queued", output.Queued);
        json.WriteNumber("queued_bytes", output.QueuedBytes);
        json.WriteNumber("capacity_bytes", output.CapacityBytes);
        json.WriteNumber("dropped", output.Dropped);
        json.WriteBoolean("balances", output.Balances);
        if (output.IsConnected is { } connected) json.WriteBoolean("connected", connected);
        else json.WriteNull("connected");
        json.WriteEndObject();
    }

    private static void WriteRate(Utf8JsonWriter json, string name, double? rate)
    {
        if (rate is { } known) json.WriteNumber(name, Math.Round(known, 1));
        else json.WriteNull(name);
    }
}
