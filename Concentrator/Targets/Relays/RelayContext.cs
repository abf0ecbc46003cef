using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
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

    /// <summary>Null without <c>MaxRate</c>.</summary>
    public RelayRateLimit? Pace { get; } = Options.MaxRate is { } rate ? new RelayRateLimit(rate, Time) : null;
}
