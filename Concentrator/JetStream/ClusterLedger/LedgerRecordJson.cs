using System.Globalization;
using System.Text.Json;
using Concentrator.Configuration.Values;

namespace Concentrator.JetStream.ClusterLedger;

/// <summary>
/// A <see cref="LedgerRecord"/> as JSON, for example
/// <code>
/// { "v": 1, "member": "5f0c…", "host": "web1", "name": "cluster", "program": "1.4.0", "began": "2026-…Z", "at": "2026-…Z", "stopped": false,
///   "process": false, "answers": "9a…",
///   "edge": { "accepted": 900, "waiting": 0, "dropped": { "queue_full_oldest": 100 } } }
/// { …, "relay": { "consumer": "relays", "blocks": 8, "messages": 800, "unusable_blocks": 0, "unusable_messages": 0, "redelivered": 0, "held": 0,
///   "outputs": { "sekoia": { "waiting": 0, "dropped": {} } } } }
/// </code>
/// Anybody who may publish to the subject may have written what is read: nothing in it is trusted, every length and count is checked. Members that
/// are not known are ignored; a later version that changes the meaning of these has another number.
/// </summary>
internal static class LedgerRecordJson
{
    public const int Version = 1;

    /// <summary>Bytes of the longest record that is read.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>Outputs of a relay, and reasons of an output: more are not written, and what has more is not read.</summary>
    public const int MostOutputs = 64, MostReasons = 32;

    /// <summary>Characters of the longest name.</summary>
    private const int MostText = 256;

    /// <summary>The largest count: sums of thousands of them stay far from the limit of the type.</summary>
    private const long MostCount = 1L << 50;

    private const int MostDepth = 6;

    public static byte[] Write(LedgerRecord record) => Json.Write(json =>
    {
        json.WriteNumber("v", Version);
        json.WriteString("member", record.Member);
        json.WriteString("host", record.Host);
        json.WriteString("name", record.Name);
        json.WriteString("program", record.Program);
        json.WriteString("began", Time(record.Began));
        json.WriteString("at", Time(record.At));
        json.WriteBoolean("stopped", record.IsStopped);
        json.WriteBoolean("process", record.IsProcess);
        if (record.Answers is { } answers) json.WriteString("answers", answers);
        if (record.Edge is { } edge)
        {
            json.WriteStartObject("edge");
            json.WriteNumber("accepted", edge.Accepted);
            json.WriteNumber("waiting", edge.Waiting);
            WriteDropped(json, edge.Dropped);
            json.WriteEndObject();
        }
        if (record.Relay is { } relay) WriteRelay(json, relay);
    });

    /// <summary>Reads a record; null with the reason, in one line, where it is none.</summary>
    public static LedgerRecord? Read(ReadOnlyMemory<byte> bytes, out string problem)
    {
        problem = $"it is longer than {MostBytes} bytes";
        if (bytes.Length > MostBytes) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MostDepth });
            JsonElement root = document.RootElement;
            int version = Json.Int(root, "v");
            problem = version > Version
                ? string.Create(CultureInfo.InvariantCulture, $"it has version {version}, and this program knows {Version}: use a later one")
                : "it is not a record of the ledger";
            return version == Version ? ReadRecord(root) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            problem = $"it is not a record of the ledger: {Problem.OneLine(e.Message)}";
            return null;
        }
    }

    private static void WriteRelay(Utf8JsonWriter json, LedgerRelay relay)
    {
        json.WriteStartObject("relay");
        json.WriteString("consumer", relay.Consumer);
        json.WriteNumber("blocks", relay.Blocks);
        json.WriteNumber("messages", relay.Messages);
        json.WriteNumber("unusable_blocks", relay.UnusableBlocks);
        json.WriteNumber("unusable_messages", relay.UnusableMessages);
        json.WriteNumber("redelivered", relay.Redelivered);
        json.WriteNumber("held", relay.Held);
        json.WriteStartObject("outputs");
        foreach (LedgerRelayOutput output in relay.Outputs.Take(MostOutputs))
        {
            json.WriteStartObject(output.Name);
            json.WriteNumber("waiting", output.Waiting);
            WriteDropped(json, output.Dropped);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDropped(Utf8JsonWriter json, IReadOnlyList<LedgerDrop> dropped)
    {
        json.WriteStartObject("dropped");
        foreach (LedgerDrop drop in dropped) json.WriteNumber(drop.Reason, drop.Messages);
        json.WriteEndObject();
    }

    private static LedgerRecord? ReadRecord(JsonElement root)
    {
        LedgerEdge? edge = root.TryGetProperty("edge", out JsonElement edgeElement) ? ReadEdge(edgeElement) : null;
        LedgerRelay? relay = root.TryGetProperty("relay", out JsonElement relayElement) ? ReadRelay(relayElement) : null;
        string? answers = Json.Text(root, "answers");
        if (edge is null == relay is null || answers is { Length: > MostText }) return null;
        return new LedgerRecord
        {
            Member = Name(root, "member"),
            Host = Name(root, "host"),
            Name = Name(root, "name"),
            Program = Name(root, "program"),
            Began = TimeOf(root, "began"),
            At = TimeOf(root, "at"),
            IsStopped = IsTrue(root, "stopped"),
            IsProcess = IsTrue(root, "process"),
            Answers = answers,
            Edge = edge,
            Relay = relay,
        };
    }

    private static LedgerEdge ReadEdge(JsonElement edge) => new(Count(edge, "accepted"), Count(edge, "waiting"), ReadDropped(edge));

    private static LedgerRelay ReadRelay(JsonElement relay) => new()
    {
        Consumer = Name(relay, "consumer"),
        Blocks = Count(relay, "blocks"),
        Messages = Count(relay, "messages"),
        UnusableBlocks = Count(relay, "unusable_blocks"),
        UnusableMessages = Count(relay, "unusable_messages"),
        Redelivered = Count(relay, "redelivered"),
        Held = Count(relay, "held"),
        Outputs = [.. Members(Json.Object(relay, "outputs"), MostOutputs).Select(static output =>
            new LedgerRelayOutput(output.Name, Count(output.Value, "waiting"), ReadDropped(output.Value)))],
    };

    private static IReadOnlyList<LedgerDrop> ReadDropped(JsonElement of) =>
        [.. Members(Json.Object(of, "dropped"), MostReasons).Select(static drop => new LedgerDrop(drop.Name, Checked(drop.Value.GetInt64())))];

    /// <summary>The members of an object, none if it is missing.</summary>
    private static List<JsonProperty> Members(JsonElement of, int most)
    {
        if (of.ValueKind != JsonValueKind.Object) return [];
        List<JsonProperty> members = [.. of.EnumerateObject()];
        if (members.Count > most || members.Exists(static member => member.Name.Length is 0 or > MostText)) throw new FormatException("too many members, or too long names");
        return members;
    }

    private static string Name(JsonElement of, string name) =>
        Json.Text(of, name) is { Length: > 0 and <= MostText } text ? text : throw new FormatException($"{name} is not a name");

    private static long Count(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement value) ? Checked(value.GetInt64()) : throw new FormatException($"{name} is missing");

    private static long Checked(long count) => count is >= 0 and <= MostCount ? count : throw new FormatException("a count is out of range");

    private static bool IsTrue(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private static DateTimeOffset TimeOf(JsonElement of, string name) => DateTimeOffset.ParseExact(
        Json.Text(of, name) ?? "", "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
