using System.Globalization;
using NATS.Client.Core;

namespace Concentrator.JetStream;

/// <summary>
/// How a block of syslog messages stands in a message of a stream. The payload is a run of octet-counted frames (<c>MSG-LEN SP MSG</c>, RFC 5425
/// section 4.3), nothing before, between or behind them. The headers:
/// <code>
/// Concentrator-Block: 1                 version of this description
/// Concentrator-Count: 230               frames in the payload
/// Nats-Msg-Id: 5f0c…-1a2b-e6-9d3c…      the same for the same messages, whenever they are sent again
/// Nats-Expected-Stream: LOGS            no other stream's acknowledgement counts
/// </code>
/// A message without <c>Concentrator-Block</c> is one syslog message.
/// </summary>
internal static class BlockHeaders
{
    public const string Version = "Concentrator-Block", Count = "Concentrator-Count", Id = "Nats-Msg-Id", ExpectedStream = "Nats-Expected-Stream";

    public const string KnownVersion = "1";

    /// <summary>Bytes that the headers of a publication take at most, with the longest stream name and id.</summary>
    public const int MostBytes = 512;

    /// <summary>Frames of a block; more cannot be in its bytes.</summary>
    public const int MostFrames = 64 * 1024 * 1024;

    /// <summary>The headers of a publication; without <paramref name="frames"/> it is one message.</summary>
    public static NatsHeaders Make(string stream, string id, int? frames)
    {
        NatsHeaders headers = new(4) { { Id, id }, { ExpectedStream, stream } };
        if (frames is not { } count) return headers;
        headers.Add(Version, KnownVersion);
        headers.Add(Count, count.ToString(CultureInfo.InvariantCulture));
        return headers;
    }
}
