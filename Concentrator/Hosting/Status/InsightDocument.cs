using System.Text.Json;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Hosting.Views;

namespace Concentrator.Hosting.Status;

/// <summary>The member <c>insight</c> of a listener in the status document: what its lines of HAProxy say.</summary>
internal static class InsightDocument
{
    /// <summary>Writes an object, or null where no line of HAProxy has come.</summary>
    public static void Write(Utf8JsonWriter json, TrafficSnapshot? traffic)
    {
        if (traffic is null)
        {
            json.WriteNull("insight");
            return;
        }
        json.WriteStartObject("insight");
        json.WriteNumber("lines", traffic.Lines);
        json.WriteStartArray("frontends");
        foreach (FrontendSnapshot frontend in traffic.Frontends)
        {
            json.WriteStartObject();
            json.WriteString("name", frontend.Name);
            WriteCounts(json, "requests", frontend.Requests, StatusClasses.Label);
            WriteCounts(json, "terminations", frontend.Terminations, TerminationStates.Label);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("backends");
        foreach (BackendSnapshot backend in traffic.Backends)
        {
            json.WriteStartObject();
            json.WriteString("name", backend.Name);
            WriteCounts(json, "requests", backend.Requests, StatusClasses.Label);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("unreadable");
        foreach (UnreadableSnapshot unreadable in traffic.Unreadable)
        {
            json.WriteStartObject();
            json.WriteString("kind", unreadable.Kind.Label());
            json.WriteNumber("count", unreadable.Count);
            json.WriteString("last", Instant.Text(unreadable.Last));
            json.WriteString("example", unreadable.Example);
            json.WriteString("remedy", unreadable.Kind.Remedy());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("cut_lines", traffic.CutLines);
        json.WriteStartArray("cut_lengths");
        foreach (int length in traffic.CutLengths) json.WriteNumberValue(length);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>An object of the counts that are not 0.</summary>
    private static void WriteCounts(Utf8JsonWriter json, string name, long[] counts, Func<int, string> label)
    {
        json.WriteStartObject(name);
        for (int i = 0; i < counts.Length; i++)
            if (counts[i] != 0) json.WriteNumber(label(i), counts[i]);
        json.WriteEndObject();
    }
}
