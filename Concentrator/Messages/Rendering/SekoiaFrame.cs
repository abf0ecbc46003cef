using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>The frame sent to Sekoia.io: <c>MSG-LEN</c> and a <see cref="SekoiaBody"/>.</summary>
internal sealed class SekoiaFrame : FrameRenderer
{
    private readonly SekoiaBody _body;

    public SekoiaFrame(
        TimestampSource source, string intakeKey,
        StructuredDataUse structuredData = StructuredDataUse.Auto, ControlCharacters controlCharacters = ControlCharacters.Escape)
    {
        ArgumentException.ThrowIfNullOrEmpty(intakeKey);
        _body = new SekoiaBody(source, SekoiaElement.With(intakeKey), structuredData, controlCharacters);
    }

    public override bool ShowsStructuredData(in SyslogMessage message) => _body.ShowsStructuredData(message, MessageText.Trim(message.Text));

    protected override int MeasureBody(in SyslogMessage message, in Reception reception) => _body.Measure(message, reception);

    protected override void WriteBody(ref SpanWriter writer, in SyslogMessage message, in Reception reception) =>
        _body.Write(ref writer, message, reception);
}
