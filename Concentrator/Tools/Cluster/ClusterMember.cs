using Concentrator.JetStream.ClusterLedger;

namespace Concentrator.Tools.Cluster;

/// <summary>A member and how well it is known.</summary>
/// <param name="Record">Its last record.</param>
/// <param name="IsFresh">Whether it has answered just now; otherwise these are its last known figures.</param>
internal sealed record ClusterMember(LedgerRecord Record, bool IsFresh);

/// <summary>All members that are known, at one time.</summary>
/// <param name="All">Ordered by host and name, edges first.</param>
/// <param name="Problems">Records that could not be read, and what else keeps members from being known, one line each.</param>
internal sealed record ClusterMembers(IReadOnlyList<ClusterMember> All, IReadOnlyList<string> Problems)
{
    public IEnumerable<ClusterMember> Edges => All.Where(static member => member.Record.Edge is not null);

    public IEnumerable<ClusterMember> Relays => All.Where(static member => member.Record.Relay is not null);

    /// <summary>The consumers that relays fetch for.</summary>
    public IEnumerable<string> Consumers => Relays.Select(static member => member.Record.Relay!.Consumer).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>The sums for one consumer.</summary>
    public ClusterTotals TotalsFor(string? consumer) => new(
        Edges.Sum(static member => member.Record.Edge!.HandedOver), RelaysOf(consumer).Sum(static member => member.Record.Relay!.Settled));

    public IEnumerable<ClusterMember> RelaysOf(string? consumer) => Relays.Where(member => member.Record.Relay!.Consumer == consumer);
}
