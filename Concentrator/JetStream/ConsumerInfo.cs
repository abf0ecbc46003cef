using System.Text.Json;

namespace Concentrator.JetStream;

/// <summary>What a consumer says of itself. Messages of the stream, each perhaps a block of many.</summary>
internal sealed record ConsumerInfo
{
    /// <summary>Not given out yet.</summary>
    public long Pending { get; init; }

    /// <summary>Given out, and not acknowledged.</summary>
    public long Unacknowledged { get; init; }

    /// <summary>The number in the stream of the last one that was given out.</summary>
    public long DeliveredUpTo { get; init; }

    /// <summary>Up to this number in the stream, all are acknowledged.</summary>
    public long AcknowledgedUpTo { get; init; }

    public static ConsumerInfo Read(JsonElement answer) => new()
    {
        Pending = Json.Long(answer, "num_pending"),
        Unacknowledged = Json.Long(answer, "num_ack_pending"),
        DeliveredUpTo = Json.Long(Json.Object(answer, "delivered"), "stream_seq"),
        AcknowledgedUpTo = Json.Long(Json.Object(answer, "ack_floor"), "stream_seq"),
    };
}
