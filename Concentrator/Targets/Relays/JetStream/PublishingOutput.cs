using Concentrator.Accounting;
using Concentrator.JetStream.ClusterLedger;
using Concentrator.Queues;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Relays.JetStream;

/// <summary>What a <see cref="JetStreamConnection"/> needs of the output that it publishes for.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Identity">Names what is published.</param>
/// <param name="Counters">Counters of the output.</param>
/// <param name="PutAside">Stores a message that nobody takes; the result is for the log.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">The log.</param>
internal sealed record PublishingOutput(
    string Name, BlockIdentity Identity, OutputCounters Counters, Func<ReadOnlyMemory<byte>, Task<string>> PutAside, TimeProvider Time, ILogger Log)
{
    /// <summary>The output in the ledger of its cluster; null where it is in none.</summary>
    public LedgerMember? Ledger { get; init; }
}
