using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Concentrator.Taps;

/// <summary>
/// What a client of the control socket asks to see, and the request's form on the socket: <see cref="Verb"/>, a blank, and one JSON object.
/// Members that this version does not know are ignored.
/// </summary>
internal sealed record TapRequest
{
    /// <summary>The first word and the version of the request.</summary>
    public const string Verb = "tap 1";

    /// <summary>The server's answer before its first line.</summary>
    public const string Accepted = "tapping";

    /// <summary>Name of a listener, in any letter case; null = any.</summary>
    public string? Listener { get; init; }

    /// <summary>Name of an output, in any letter case, that a route sends the message to; null = any, and messages that no route takes.</summary>
    public string? Output { get; init; }

    /// <summary>Glob over APP-NAME, or over the part of it that is the program name; null = any.</summary>
    public string? Program { get; init; }

    /// <summary>Bit n set = severity n passes.</summary>
    public byte Severities { get; init; } = byte.MaxValue;

    /// <summary>A text, as UTF-8 bytes, that must occur in the message as received; null = any.</summary>
    public string? Text { get; init; }

    /// <summary>Whether to show what is sent to <see cref="Output"/>, which is then set.</summary>
    public bool WithFrame { get; init; }

    /// <summary>Whether to follow each message through the queues of its outputs.</summary>
    public bool Follows { get; init; }

    /// <summary>The tap ends after so many messages; 0 = no limit.</summary>
    public long Limit { get; init; }

    /// <summary>The request as it is sent.</summary>
    public override string ToString()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            if (Listener is not null) json.WriteString("listener", Listener);
            if (Output is not null) json.WriteString("output", Output);
            if (Program is not null) json.WriteString("program", Program);
            if (Severities != byte.MaxValue) json.WriteNumber("severities", Severities);
            if (Text is not null) json.WriteString("text", Text);
            if (WithFrame) json.WriteBoolean("frame", true);
            if (Follows) json.WriteBoolean("follow", true);
            if (Limit > 0) json.WriteNumber("limit", Limit);
            json.WriteEndObject();
        }
        return $"{Verb} {Encoding.UTF8.GetString(bytes.WrittenSpan)}";
    }

    /// <summary>Whether a text of the control socket is such a request, of this version.</summary>
    public static bool IsOne(string? text) => text?.StartsWith(Verb + " ", StringComparison.Ordinal) == true;

    /// <summary>Reads a request; false with the reason, in one line, if it is not one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TapRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        problem = "the request is not one of a tap";
        if (!IsOne(text)) return false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.AsMemory(Verb.Length + 1));
            JsonElement root = document.RootElement;
            request = new TapRequest
            {
                Listener = Word(root, "listener"),
                Output = Word(root, "output"),
                Program = Word(root, "program"),
                Severities = root.TryGetProperty("severities", out JsonElement severities) ? severities.GetByte() : byte.MaxValue,
                Text = Word(root, "text"),
                WithFrame = Flag(root, "frame"),
                Follows = Flag(root, "follow"),
                Limit = root.TryGetProperty("limit", out JsonElement limit) ? limit.GetInt64() : 0,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            problem = $"the request of the tap cannot be read: {e.Message}";
            return false;
        }
        if (request.WithFrame && request.Output is null)
        {
            problem = "a frame is that of an output, and the request names none";
            return false;
        }
        problem = null;
        return true;
    }

    private static string? Word(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement text) ? text.GetString() : null;

    private static bool Flag(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement flag) && flag.GetBoolean();
}
