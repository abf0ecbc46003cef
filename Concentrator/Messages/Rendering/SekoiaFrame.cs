using System.Text;
using Concentrator.Bytes;

namespace Concentrator.Messages;

/// <summary>
/// The frame that Sekoia.io receives:
/// <c>MSG-LEN &lt;PRI&gt;1 TIMESTAMP HOSTNAME APP-NAME PROCID LOG [SEKOIA@53288 intake_key="KEY"] MSG</c>.
/// The message's own structured data is left out, so that no sender can bring a second SEKOIA@53288 element.
/// </summary>
internal sealed class SekoiaFrame : FrameRenderer
{
    private readonly TimestampSource _source;
    private readonly byte[] _msgIdAndKey;

    public SekoiaFrame(TimestampSource source, string intakeKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(intakeKey);
        _source = source;
        // Keys are alphanumeric; anything else is escaped as in every PARAM-VALUE, so that it stays one.
        string value = intakeKey.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal);
        _msgIdAndKey = Encoding.UTF8.GetBytes($"LOG [SEKOIA@53288 intake_key=\"{value}\"] ");
    }

    protected override int MeasureBody(in SyslogMessage message, in Reception reception) =>
        HeaderWriter.Measure(message, reception) + _msgIdAndKey.Length + MessageText.Trim(message.Text).Length;

    protected override void WriteBody(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        HeaderWriter.Write(ref writer, _source, message, reception);
        writer.Add(_msgIdAndKey);
        writer.Add(MessageText.Trim(message.Text));
    }
}
