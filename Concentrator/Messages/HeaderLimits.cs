namespace Concentrator.Messages;

/// <summary>
/// The most bytes of each header field (RFC 5424 section 6). The parser keeps a longer field and flags the message;
/// renderers that promise a valid header cut it.
/// </summary>
internal static class HeaderLimits
{
    public const int HostName = 255;
    public const int AppName = 48;
    public const int ProcId = 128;
    public const int MsgId = 32;
    public const int SdName = 32;

    public static bool AreExceededBy(in SyslogMessage message) =>
        message.HostName.Length > HostName || message.AppName.Length > AppName
        || message.ProcId.Length > ProcId || message.MsgId.Length > MsgId;
}
