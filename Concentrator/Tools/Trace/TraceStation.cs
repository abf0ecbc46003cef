using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Concentrator.Taps;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Trace;

/// <summary>A point on the way of a traced message that it has reached.</summary>
/// <param name="Name">What it is called: sent, requested, received, parsed, routed, queued, stored, written, acknowledged, dropped, refused.</param>
/// <param name="Output">The output that it is a station of; null = it is before the outputs.</param>
/// <param name="Time">When; the server's times are a few milliseconds late from <c>stored</c> on.</param>
/// <param name="Text">What happened, for people.</param>
internal sealed record TraceStation(string Name, string? Output, DateTimeOffset Time, string Text)
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The station as a line of text.</summary>
    /// <param name="began">The time of the first station.</param>
    public string Line(DateTimeOffset began) => StatusValues.Printable(string.Create(
        CultureInfo.InvariantCulture, $"{(Time - began).TotalMilliseconds,9:0.0} ms  {Name,-12}  {(Output is null ? "" : $"{Output}: ")}{Text}"));

    /// <summary>The station as one JSON object.</summary>
    /// <param name="began">The time of the first station.</param>
    public string JsonLine(DateTimeOffset began) => Json(json =>
    {
        json.WriteString("station", Name);
        json.WriteString("output", Output);
        json.WriteString("time", TapDocument.Instant(Time.UtcDateTime));
        json.WriteNumber("milliseconds", Math.Round((Time - began).TotalMilliseconds, 3));
        json.WriteString("text", Text);
    });

    /// <summary>One JSON object as text.</summary>
    public static string Json(Action<Utf8JsonWriter> writeMembers)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, Relaxed))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
