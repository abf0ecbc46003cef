using System.Buffers;
using System.Text.Json;

namespace Concentrator.JetStream;

/// <summary>Requests as JSON, and members of answers that may be missing, or of another kind than expected: both count as not given.</summary>
internal static class Json
{
    public static int Int(JsonElement of, string name) => TryGet(of, name, JsonValueKind.Number, out JsonElement value) && value.TryGetInt32(out int number) ? number : 0;

    public static long Long(JsonElement of, string name) => TryGet(of, name, JsonValueKind.Number, out JsonElement value) && value.TryGetInt64(out long number) ? number : 0;

    public static string? Text(JsonElement of, string name) => TryGet(of, name, JsonValueKind.String, out JsonElement value) ? value.GetString() : null;

    /// <summary>Bytes in base64; empty if there are none.</summary>
    public static byte[] Bytes(JsonElement of, string name) => TryGet(of, name, JsonValueKind.String, out JsonElement value) && value.TryGetBytesFromBase64(out byte[]? bytes) ? bytes : [];

    /// <summary>The texts of a list; empty if there is none.</summary>
    public static IReadOnlyList<string> Texts(JsonElement of, string name) => TryGet(of, name, JsonValueKind.Array, out JsonElement list)
        ? [.. list.EnumerateArray().Where(static e => e.ValueKind == JsonValueKind.String).Select(static e => e.GetString()!)]
        : [];

    /// <summary>The object; an empty element if there is none.</summary>
    public static JsonElement Object(JsonElement of, string name) => TryGet(of, name, JsonValueKind.Object, out JsonElement value) ? value : default;

    /// <summary>An object in UTF-8.</summary>
    /// <param name="members">Writes its members.</param>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> bytes = new();
        using Utf8JsonWriter json = new(bytes);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>A duration as NATS writes it.</summary>
    public static long Nanoseconds(TimeSpan duration) => duration.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>A duration as <see cref="Nanoseconds"/> writes it.</summary>
    public static TimeSpan Duration(JsonElement of, string name) => TimeSpan.FromTicks(Long(of, name) / TimeSpan.NanosecondsPerTick);

    private static bool TryGet(JsonElement of, string name, JsonValueKind kind, out JsonElement value)
    {
        value = default;
        return of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out value) && value.ValueKind == kind;
    }
}
