using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.JetStream.ClusterLedger;
using Concentrator.Telemetry.Log;

namespace Concentrator.Targets.Relays;

/// <summary>An output of type <c>nats</c> as a member of its cluster's ledger.</summary>
internal static class EdgeMember
{
    /// <summary>The member; null for a queue that keeps no totals.</summary>
    /// <param name="relay">The relay of the output.</param>
    /// <param name="output">The output's options.</param>
    /// <param name="replicas">Servers that hold each message of the stream; 0 = unknown.</param>
    public static LedgerMember? Of(RelayContext relay, NatsOutputOptions output, int replicas)
    {
        if (relay.Queue.Totals is not { } totals) return null;
        return new LedgerMember(
            output.Stream, MayCreate: output.CreateStream is not null, replicas > 0 ? replicas : output.CreateStream?.Replicas ?? new NatsStreamLimits().Replicas,
            Read, relay.Time, problem => relay.Log.EdgeNotInLedger(relay.Options.Name, problem));

        LedgerRecord Read()
        {
            OutputTotals figures = relay.Counters.ReadTotals();
            return new LedgerRecord
            {
                Member = totals.Identity,
                Host = Environment.MachineName,
                Name = relay.Options.Name,
                Program = ProgramVersion.Current.ToString(),
                Began = totals.Began,
                IsProcess = !totals.Survives,
                IsStopped = relay.Stop.IsStopping || relay.Stop.IsDetaching,
                Edge = new LedgerEdge(figures.Accepted, figures.Waiting, LedgerDrops.Of(figures.Dropped, DropReasons.LabelOf)),
            };
        }
    }
}
