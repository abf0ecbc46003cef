using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.JetStream.ClusterLedger;
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

    /// <summary>Where refused messages go.</summary>
    public PutAside PutAside { get; } = new(Queue, Time);

    public Backoff Backoff { get; } = new(Random.Shared);

    /// <summary>The output in the ledger of a cluster, from its first session on; null for outputs of other types.</summary>
    public LedgerMember? LedgerMember { get; set; }

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
        string kept = await PutAside.KeepAsync(refused.Bytes).ConfigureAwait(false);
        Mark.Works();
        Log.RelayRefused(Options.Name, endpoint, refused.Length, reason, kept);
        Queue.Refuse(refused);
        Queue.Recycle(refused);
    }

    /// <summary>Null without <c>MaxRate</c>.</summary>
    public RelayRateLimit? Pace { get; } = Options.MaxRate is { } rate ? new RelayRateLimit(rate, Time) : null;
}
