using Concentrator.JetStream;

namespace Concentrator.Tools.Cluster;

/// <summary>What is in a stream that a consumer has not acknowledged.</summary>
/// <param name="Blocks">Messages of the stream.</param>
/// <param name="Messages">Syslog messages in them, counted from their headers; null where that was not possible.</param>
internal sealed record StreamBacklog(long Blocks, long? Messages)
{
    /// <summary>More blocks are not counted: each has to be fetched.</summary>
    public const int MostCounted = 2000;

    /// <summary>Counts. The error is set if the session may not, or there is no answer.</summary>
    /// <param name="session">The session.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="consumer">Its consumer; null = there is none yet.</param>
    public static async Task<(StreamBacklog? Content, ApiError? Error)> CountAsync(NatsSession session, StreamInfo stream, ConsumerInfo? consumer, CancellationToken stop)
    {
        bool isAll = stream.IsQueue || consumer is null;
        long blocks = isAll ? stream.Messages : consumer!.Pending + consumer.Unacknowledged;
        if (blocks == 0) return (new StreamBacklog(0, 0), null);
        if (blocks > MostCounted) return (new StreamBacklog(blocks, null), null);
        long pending = 0;
        long givenOut = 0;
        long givenOutBlocks = 0;
        long next = isAll ? stream.FirstSequence : consumer!.AcknowledgedUpTo + 1;
        for (int read = 0; read <= 2 * MostCounted; read++)
        {
            (StoredMessage? message, ApiError? error) = await StoredMessages.NextAsync(session, stream.Name, next, stop).ConfigureAwait(false);
            if (error is not null) return (null, error);
            if (message is null)
            {
                // Of what was given out and stays, which are acknowledged cannot be asked: it is known where all are, or none.
                long? givenOutIn = isAll || consumer!.Unacknowledged == givenOutBlocks ? givenOut : consumer.Unacknowledged == 0 ? 0 : null;
                return (new StreamBacklog(blocks, pending + givenOutIn), null);
            }
            next = message.Sequence + 1;
            if (!isAll && message.Sequence > consumer!.DeliveredUpTo) pending += message.Claimed;
            else
            {
                givenOut += message.Claimed;
                givenOutBlocks++;
            }
        }
        return (new StreamBacklog(blocks, null), null);
    }
}
