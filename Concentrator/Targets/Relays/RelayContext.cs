using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Relays;

/// <summary>What the parts of one <see cref="RelayTarget"/> share. Used by its loop, except where a part says otherwise.</summary>
internal sealed record RelayContext(
    RelayOutputOptions Options, DeliveryQueue Queue, OutputCounters Counters, LoopHeartbeat Mark, RelayWake Wake, RelayDeadlines Deadlines,
    TimeProvider Time, ILogger Log)
{
    public RelayStop Stop { get; } = new(Queue, Wake);

    public Backoff Backoff { get; } = new(Random.Shared);

    /// <summary>
    /// Stores the only message of a taken block, which the peer refuses, in a file of the output's spool; drops and counts it, and
    /// returns the block to the queue's pool.
    /// </summary>
    /// <param name="refused">The block.</param>
    /// <param name="endpoint">The peer.</param>
    /// <param name="reason">How it refuses it, for the log.</param>
    public async Task PutAsideAsync(Block refused, string endpoint, string reason)
    {
        Mark.Waits(LoopWait.Disk);
        string kept = await Task.Run(() => Store(refused.Bytes.Span)).ConfigureAwait(false);
        Mark.Works();
        Log.RelayRefused(Options.Name, endpoint, refused.Length, reason, kept);
        Queue.Refuse(refused);
        Queue.Recycle(refused);
    }

    private string Store(ReadOnlySpan<byte> frame)
    {
        if (Queue.RefusedDirectory is not { } directory) return "not stored, because its queue has no directory";
        try
        {
            return $"stored as {RefusedMessages.Keep(directory, frame, Time.GetUtcNow())}";
        }
        catch (IOException e)
        {
            return $"not stored: {e.Message}";
        }
    }

    /// <summary>Null without <c>MaxRate</c>.</summary>
    public RelayRateLimit? Pace { get; } = Options.MaxRate is { } rate ? new RelayRateLimit(rate, Time) : null;
}
