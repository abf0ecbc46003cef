namespace Concentrator.Messages.Rendering;

/// <summary>The host name that every output and route uses.</summary>
internal static class ShownHost
{
    /// <summary>The message's own host name, or else the sender's name.</summary>
    public static ReadOnlySpan<byte> Of(in SyslogMessage message, in Reception reception) =>
        message.HostName.IsEmpty ? reception.SenderName : message.HostName;
}
