using System.Text;
using Concentrator.Messages;

namespace Concentrator.Routing;

/// <summary>
/// A text that must occur in MSG. One that begins with a blank also matches at the start of MSG if the RFC 3164 header ends with a
/// blank: rsyslog includes that blank in its <c>msg</c>, and rules are written for it (<c>" Proxy"</c>).
/// </summary>
internal sealed class TextCondition(string text)
{
    private readonly byte[] _text = Encoding.UTF8.GetBytes(text);

    public bool Holds(in SyslogMessage message) =>
        message.Text.IndexOf(_text) >= 0 || (_text is [(byte)' ', ..] && StandsBehindHeader(message));

    private bool StandsBehindHeader(in SyslogMessage message) =>
        message.Version == 0
        && message.Text.StartsWith(_text.AsSpan(1))
        && message.Frame.Overlaps(message.Text, out int start) && start > 0 && message.Frame[start - 1] == ' ';
}
