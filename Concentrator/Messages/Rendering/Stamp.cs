using System.Diagnostics;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Messages.Rendering;

/// <summary>Writes the timestamp that an output shows: see <see cref="TimestampSource"/>.</summary>
internal static class Stamp
{
    /// <summary>Writes <see cref="Rfc3339.Length"/> bytes; a sender's time keeps its own offset.</summary>
    public static void WriteRfc3339(TimestampSource source, in SyslogMessage message, in Reception reception, Span<byte> destination)
    {
        Debug.Assert(reception.Rfc3339.Length == Rfc3339.Length);
        if (TryReadSent(source, message, out DateTimeOffset sent))
            Rfc3339.Write(sent, destination);
        else
            reception.Rfc3339.CopyTo(destination);
    }

    /// <summary>Writes <see cref="BsdTime.Length"/> bytes; a sender's time is shown in its own local time.</summary>
    public static void WriteBsd(TimestampSource source, in SyslogMessage message, in Reception reception, Span<byte> destination)
    {
        Debug.Assert(reception.Bsd.Length == BsdTime.Length);
        if (TryReadSent(source, message, out DateTimeOffset sent))
            BsdTime.Write(sent, destination);
        else
            reception.Bsd.CopyTo(destination);
    }

    private static bool TryReadSent(TimestampSource source, in SyslogMessage message, out DateTimeOffset sent)
    {
        sent = default;
        return source == TimestampSource.Message && SentTime.TryRead(message.Timestamp, out sent);
    }
}
