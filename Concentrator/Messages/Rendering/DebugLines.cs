using System.Text;
using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// Two lines a message, as the forwarder's <c>debug: true</c> prints them: <c>[Input NAME]</c> with the bytes as received, and
/// <c>[Output NAME]</c> with what <see cref="SekoiaFrame"/> sends, its key masked. Both are escaped like every line.
/// </summary>
internal sealed class DebugLines : LineRenderer
{
    private readonly SekoiaBody _body;
    private readonly byte[] _inputTag;
    private readonly byte[] _outputTag;

    /// <param name="name">The name in both tags.</param>
    /// <param name="source">The source of the time in the second line.</param>
    /// <param name="maskedKey">The part of the key that may be shown; null = the relayed message has no key.</param>
    /// <param name="structuredData">As configured for the relay.</param>
    public DebugLines(string name, TimestampSource source, string? maskedKey, StructuredDataUse structuredData = StructuredDataUse.Auto)
    {
        _body = new SekoiaBody(source, maskedKey is null ? "-" : SekoiaElement.With(maskedKey), structuredData, ControlCharacters.Escape);
        _inputTag = Encoding.UTF8.GetBytes($"[Input {name}] ");
        _outputTag = Encoding.UTF8.GetBytes($"\n[Output {name}] ");
    }

    protected override int MeasureContent(in SyslogMessage message, in Reception reception) =>
        _inputTag.Length + ControlBytes.MeasureEscaped(MessageText.TrimEnd(message.Frame), message.IsPlain)
        + _outputTag.Length + _body.Measure(message, reception);

    protected override void WriteContent(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        writer.Add(_inputTag);
        ControlBytes.AddEscaped(ref writer, MessageText.TrimEnd(message.Frame), message.IsPlain);
        writer.Add(_outputTag);
        _body.Write(ref writer, message, reception);
    }
}
