using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;

namespace Concentrator.Ingest.Statistics;

/// <summary>
/// The report that Sekoia.io's forwarder sends every five minutes: JSON objects in the shape and with the names of rsyslog's impstats,
/// so that programs that read those keep working, plus our ledger as further fields. Counts cover the time between two readings;
/// sizes, maxima and the process's own usage are current or since the start, as in impstats.
/// </summary>
internal static class ForwarderReport
{
    /// <summary>The report in UTF-8, one object a line.</summary>
    public static IReadOnlyList<byte[]> Compose(ForwarderReading before, ForwarderReading now, ServerOptions options)
    {
        List<byte[]> lines = [];
        foreach (ListenerOptions listener in options.Listeners)
        {
            lines.Add(Input(listener, before.Listener(listener.Name), now.Listener(listener.Name)));
        }
        foreach (RelayOutputOptions relay in options.Outputs.OfType<RelayOutputOptions>())
        {
            OutputSnapshot from = before.Output(relay.Name), to = now.Output(relay.Name);
            lines.AddRange([Action(relay, from, to), Queue(relay, from, to), QueueOnDisk(relay, from, to), Sent(relay, from, to)]);
        }
        lines.Add(Usage(now));
        return lines;
    }

    private static byte[] Input(ListenerOptions listener, ListenerSnapshot from, ListenerSnapshot to)
    {
        string name = $"input-{Lower(listener.Name)}";
        int? port = listener.Address.EndPoint?.Port;
        bool isUdp = listener.Address.Transport == Transport.Udp;
        (string shown, string origin) = listener.Address.IsUnix ? (name, "imuxsock")
            : isUdp ? (string.Create(CultureInfo.InvariantCulture, $"{name}(*/{port}/IPv4)"), "imudp")
            : (string.Create(CultureInfo.InvariantCulture, $"{name}({port})"), "imtcp");
        return Object(shown, origin, json =>
        {
            json.WriteNumber("submitted", to.Received - from.Received);

            // This server does not restrict senders, so none is disallowed.
            if (isUdp) json.WriteNumber("disallowed", 0);
            json.WriteNumber("received", to.Received - from.Received);
            json.WriteNumber("routed", to.Routed - from.Routed);
            json.WriteNumber("unrouted", to.Unrouted - from.Unrouted);
            json.WriteNumber("malformed", to.Malformed - from.Malformed);
            json.WriteNumber("truncated", to.Truncated - from.Truncated);
            json.WriteNumber("kernel.dropped", to.KernelDropped - from.KernelDropped);
        });
    }

    private static byte[] Action(RelayOutputOptions relay, OutputSnapshot from, OutputSnapshot to) =>
        Object($"output-{Lower(relay.Name)}", "core.action", json =>
        {
            json.WriteNumber("processed", to.Delivered - from.Delivered);
            json.WriteNumber("failed", to.DroppedTotal - from.DroppedTotal);
            json.WriteNumber("suspended", to.Outages.Began - from.Outages.Began);
            json.WriteNumber("suspended.duration", (long)(to.Outages.Duration - from.Outages.Duration).TotalSeconds);
            json.WriteNumber("resumed", to.Outages.Ended - from.Outages.Ended);
            json.WriteNumber("accepted", to.Accepted - from.Accepted);
            json.WriteNumber("delivered", to.Delivered - from.Delivered);
            json.WriteNumber("queued", to.Queued);
            json.WriteNumber("dropped", to.DroppedTotal - from.DroppedTotal);
        });

    /// <summary>Everything queued, in memory and on disk, and everything dropped.</summary>
    private static byte[] Queue(RelayOutputOptions relay, OutputSnapshot from, OutputSnapshot to)
    {
        long full = Dropped(to, DropReason.QueueFullOldest, DropReason.QueueFullNewest)
            - Dropped(from, DropReason.QueueFullOldest, DropReason.QueueFullNewest);
        return Object($"ruleset-{Lower(relay.Name)}", "core.queue", json =>
        {
            json.WriteNumber("size", to.Queued);
            json.WriteNumber("enqueued", to.Accepted - from.Accepted);
            json.WriteNumber("full", to.TimesFull - from.TimesFull);
            json.WriteNumber("discarded.full", full);
            json.WriteNumber("discarded.nf", to.DroppedTotal - from.DroppedTotal - full);
            json.WriteNumber("maxqsize", to.MostQueued);
        });
    }

    /// <summary>The part of the queue that is on disk. Drops are counted in <see cref="Queue"/>.</summary>
    private static byte[] QueueOnDisk(RelayOutputOptions relay, OutputSnapshot from, OutputSnapshot to) =>
        Object($"ruleset-{Lower(relay.Name)}[DA]", "core.queue", json =>
        {
            json.WriteNumber("size", to.StoredMessages);
            json.WriteNumber("enqueued", to.SpooledMessages - from.SpooledMessages);
            json.WriteNumber("full", to.TimesDiskFull - from.TimesDiskFull);
            json.WriteNumber("discarded.full", 0);
            json.WriteNumber("discarded.nf", 0);
            json.WriteNumber("maxqsize", to.MostStored);
        });

    private static byte[] Sent(RelayOutputOptions relay, OutputSnapshot from, OutputSnapshot to)
    {
        RelayEndpoint first = relay.Endpoints.List[0];
        return Object(
            string.Create(CultureInfo.InvariantCulture, $"TCP-{first.Host}-{first.Port}"), "omfwd",
            json => json.WriteNumber("bytes.sent", to.DeliveredBytes - from.DeliveredBytes));
    }

    /// <summary>Times in microseconds, memory in kilobytes, as in getrusage(2).</summary>
    private static byte[] Usage(ForwarderReading now) => Object("resource-usage", "impstats", json =>
    {
        json.WriteNumber("utime", (long)now.UserTime.TotalMicroseconds);
        json.WriteNumber("stime", (long)now.SystemTime.TotalMicroseconds);
        json.WriteNumber("maxrss", now.PeakMemory / 1024);
        if (now.OpenFiles is long open) json.WriteNumber("openfiles", open);
    });

    private static long Dropped(OutputSnapshot output, params ReadOnlySpan<DropReason> reasons)
    {
        long sum = 0;
        foreach (DropReason reason in reasons) sum += output.Dropped[(int)reason];
        return sum;
    }

    private static byte[] Object(string name, string origin, Action<Utf8JsonWriter> writeFields)
    {
        ArrayBufferWriter<byte> line = new();
        using Utf8JsonWriter json = new(line);
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("origin", origin);
        writeFields(json);
        json.WriteEndObject();
        json.Flush();
        return line.WrittenSpan.ToArray();
    }

    /// <summary>Lower case, as the forwarder writes the names of its intakes.</summary>
    private static string Lower(string name) => name.ToLowerInvariant();
}
