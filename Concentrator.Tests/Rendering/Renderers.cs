using System.Text;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;

namespace Concentrator.Tests.Rendering;

/// <summary>All, by name, and what they make of a frame.</summary>
internal static class Renderers
{
    public const string Key = "KEY0123456789ABC";
    public const string Sender = "sender.example.test";
    public const string Received = "2026-11-22T07:00:00.654321+01:00";
    public const string ReceivedBsd = "Nov 22 07:00:00";

    public static readonly string[] SekoiaFrames = ["sekoia", "sekoia-kept", "sekoia-message", "sekoia-message-kept"];
    public static readonly string[] Frames = [.. SekoiaFrames, "rfc5424", "rfc5424-escaped", "raw"];
    public static readonly string[] Lines = ["traditional-line", "rfc3339-line", "rfc5424-line", "raw-line", "message-line", "json-line"];
    public const string Debug = "debug-lines";
    public static readonly string[] All = [.. Frames, .. Lines, Debug];

    public static Reception Reception => new()
    {
        SenderName = "sender.example.test"u8,
        Rfc3339 = "2026-11-22T07:00:00.654321+01:00"u8,
        Bsd = "Nov 22 07:00:00"u8,
    };

    public static Renderer Create(string name, TimestampSource source = TimestampSource.Received) => name switch
    {
        "sekoia" => new SekoiaFrame(source, Key),
        "sekoia-kept" => new SekoiaFrame(source, Key, StructuredDataUse.Drop, ControlCharacters.Keep),
        "sekoia-message" => new SekoiaFrame(source, Key, StructuredDataUse.Message),
        "sekoia-message-kept" => new SekoiaFrame(source, Key, StructuredDataUse.Message, ControlCharacters.Keep),
        "rfc5424" => new Rfc5424Frame(source),
        "rfc5424-escaped" => new Rfc5424Frame(source, ControlCharacters.Escape),
        "raw" => new RawFrame(),
        "traditional-line" => new TraditionalLine(source),
        "rfc3339-line" => new Rfc3339Line(source),
        "rfc5424-line" => new Rfc5424Line(source),
        "raw-line" => new RawLine(),
        "message-line" => new MessageLine(),
        "json-line" => new JsonLine(source),
        Debug => new DebugLines("Techno1", source, "KEY0..."),
        _ => throw new ArgumentException(name),
    };

    /// <summary>Parses, measures, renders into exactly that much room; throws if the two disagree.</summary>
    public static byte[] Render(Renderer renderer, ReadOnlySpan<byte> frame, HeaderFormat hint = HeaderFormat.Auto)
    {
        SyslogParser.Parse(frame, hint, out SyslogMessage message);
        Reception reception = Reception;
        int measured = renderer.Measure(message, reception);
        byte[] room = new byte[measured];
        int written = renderer.Write(message, reception, room);
        return written == measured ? room : throw new InvalidOperationException($"{measured} measured, {written} written.");
    }

    /// <summary>The same over text with one character a byte.</summary>
    public static string Render(string name, string frame, TimestampSource source = TimestampSource.Received) =>
        Encoding.Latin1.GetString(Render(Create(name, source), Encoding.Latin1.GetBytes(frame)));
}
