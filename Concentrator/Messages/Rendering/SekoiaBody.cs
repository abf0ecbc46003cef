using System.Text;
using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// <c>&lt;PRI&gt;1 TIMESTAMP HOSTNAME APP-NAME PROCID LOG [SEKOIA@53288 intake_key="KEY"] MSG</c>: the message sent to Sekoia.io,
/// without its octet count. Control characters in MSG are escaped as the rsyslog in Sekoia.io's forwarder does on reception, because
/// the parsers there were written for that. No sender can insert a second SEKOIA@53288 element, or text that a lenient parser would
/// take for one, in structured data, in the header fields or at the start of the text.
/// </summary>
/// <param name="source">The source of TIMESTAMP.</param>
/// <param name="element">The element with the key, or its replacement.</param>
/// <param name="structuredData">Whether MSGID and structured data are part of MSG.</param>
/// <param name="controlCharacters">Applies to MSG; in the header fields they always become <c>_</c>.</param>
internal sealed class SekoiaBody(TimestampSource source, string element, StructuredDataUse structuredData, ControlCharacters controlCharacters)
{
    private readonly byte[] _msgIdAndElement = Encoding.UTF8.GetBytes($"LOG {element} ");
    private readonly bool _keepsControls = controlCharacters == ControlCharacters.Keep;

    /// <summary>The exact number of bytes that <see cref="Write"/> writes.</summary>
    public int Measure(in SyslogMessage message, in Reception reception)
    {
        bool isPlain = message.IsPlain || _keepsControls;
        ReadOnlySpan<byte> text = MessageText.Trim(message.Text);
        int length = HeaderWriter.Measure(message, reception) + _msgIdAndElement.Length + ControlBytes.MeasureEscaped(text, isPlain);
        if (!ShowsStructuredData(message, text))
            return length;
        int words = (message.MsgId.IsEmpty ? 0 : 1) + (message.StructuredData.IsEmpty ? 0 : 1) + (text.IsEmpty ? 0 : 1);
        return length + ControlBytes.MeasureEscaped(message.MsgId, isPlain) + ControlBytes.MeasureEscaped(message.StructuredData, isPlain) + words - 1;
    }

    public void Write(ref SpanWriter writer, in SyslogMessage message, in Reception reception)
    {
        bool isPlain = message.IsPlain || _keepsControls;
        int start = writer.Length;
        HeaderWriter.Write(ref writer, source, message, reception);
        SekoiaElement.DefuseIn(writer.WrittenFrom(start));
        writer.Add(_msgIdAndElement);

        ReadOnlySpan<byte> text = MessageText.Trim(message.Text);
        start = writer.Length;
        bool isShown = ShowsStructuredData(message, text);
        if (isShown)
        {
            ControlBytes.AddEscaped(ref writer, message.MsgId, isPlain);
            if (!message.MsgId.IsEmpty && !message.StructuredData.IsEmpty)
                writer.Add((byte)' ');
            ControlBytes.AddEscaped(ref writer, message.StructuredData, isPlain);
            if (!text.IsEmpty)
                writer.Add((byte)' ');
        }
        ControlBytes.AddEscaped(ref writer, text, isPlain);
        if (isShown || BeginsLikeStructuredData(text))
            SekoiaElement.DefuseIn(writer.WrittenFrom(start));
    }

    /// <summary>Whether MSGID and structured data are part of MSG, before the text.</summary>
    public bool ShowsStructuredData(in SyslogMessage message, ReadOnlySpan<byte> text) =>
        message.Version != 0 && structuredData != StructuredDataUse.Drop
        && ((!message.StructuredData.IsEmpty && structuredData == StructuredDataUse.Message)
            || (text.IsEmpty && !(message.StructuredData.IsEmpty && message.MsgId.IsEmpty)));

    // Also after a control character, or the byte order mark that RFC 5424 section 6.4 puts before UTF-8.
    private static bool BeginsLikeStructuredData(ReadOnlySpan<byte> text) =>
        text is [(byte)'[' or <= (byte)' ', ..] or [0xEF, 0xBB, 0xBF, ..];
}
