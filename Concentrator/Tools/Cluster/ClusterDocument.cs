using System.Text;
using System.Text.Json;
using Concentrator.JetStream.ClusterLedger;

namespace Concentrator.Tools.Cluster;

/// <summary>The ledger of a cluster as a JSON document, for scripts.</summary>
internal static class ClusterDocument
{
    public const int Version = 1;

    public static string Of(ClusterView view)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteBoolean("balanced", view.IsBalanced);
            json.WriteString("at", view.At);
            json.WriteString("server", view.Server);
            json.WriteStartObject("stream");
            json.WriteString("name", view.Stream.Name);
            json.WriteNumber("blocks", view.Stream.Messages);
            json.WriteNumber("bytes", view.Stream.Bytes);
            json.WriteEndObject();
            json.WriteStartArray("members");
            foreach (ClusterMember member in view.Members.All) Write(json, member);
            json.WriteEndArray();
            json.WriteStartArray("consumers");
            foreach (ConsumerView consumer in view.Consumers) Write(json, consumer);
            json.WriteEndArray();
            json.WriteStartArray("problems");
            foreach (string problem in view.Members.Problems) json.WriteStringValue(problem);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length) + "\n";
    }

    /// <summary>A member's record as it was published, and whether it is fresh.</summary>
    private static void Write(Utf8JsonWriter json, ClusterMember member)
    {
        json.WriteStartObject();
        json.WriteBoolean("fresh", member.IsFresh);
        json.WritePropertyName("record");
        json.WriteRawValue(LedgerRecordJson.Write(member.Record with { Answers = null }));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ConsumerView consumer)
    {
        json.WriteStartObject();
        json.WriteString("name", consumer.Consumer);
        json.WriteBoolean("balanced", consumer.Balance.IsBalanced);
        json.WriteNumber("handed_over", consumer.Totals.HandedOver);
        json.WriteNumber("in_stream_blocks", consumer.Content.Blocks);
        json.WriteNumber("in_stream", consumer.InStream);
        json.WriteBoolean("in_stream_counted", consumer.IsCounted);
        json.WriteNumber("settled", consumer.Totals.Settled);
        json.WriteNumber("missing", consumer.Balance.Missing);
        json.WriteNumber("surplus", consumer.Balance.Surplus);
        json.WriteNumber("moved", consumer.Balance.Moved);
        json.WriteEndObject();
    }
}
