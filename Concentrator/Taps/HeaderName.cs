using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Taps;

/// <summary>The name of the header that the parser found in a message, as documented for <c>concentrator tap</c>.</summary>
internal static class HeaderName
{
    /// <param name="message">As parsed.</param>
    /// <param name="hint">The format that it was parsed with.</param>
    public static string Of(in SyslogMessage message, HeaderFormat hint)
    {
        if (message.Version == 1) return "rfc5424";
        if (hint == HeaderFormat.Raw) return "raw";
        if (message.Timestamp.IsEmpty) return !message.AppName.IsEmpty ? "tag only" : message.HasPri ? "priority only" : "none";
        bool isRfc3339 = Rfc3339.Match(message.Timestamp, out _) > 0;
        if (message.HostName.IsEmpty && message.AppName.IsEmpty && isRfc3339) return message.HasPri ? "timed" : "iso";
        string name = message.HostName.IsEmpty ? "rfc3164 without host name" : "rfc3164";
        return isRfc3339 ? $"{name}, with an RFC 3339 date" : name;
    }
}
