using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.JetStream.ClusterLedger;
using Concentrator.Queues.Totals;
using Concentrator.Telemetry.Log;

namespace Concentrator.Ingest.JetStream;

/// <summary>
/// What a listener at <c>nats://</c> has taken off its stream, over all its processes, and its record in the ledger of the cluster. A block is counted
/// before it is acknowledged: who is killed in between has counted a block that is given out again, and the ledger shows too much, never a gap that is none.
/// </summary>
internal sealed class StreamTotals
{
    private const int Blocks = 0, Messages = 1, UnusableBlocks = 2, UnusableMessages = 3, Redelivered = 4;

    private const int Words = 8;

    private readonly TotalsFile _file;
    private readonly ListenerOptions _options;
    private readonly IngestContext _context;
    private readonly PendingMessages _pending;

    public StreamTotals(ListenerOptions options, IngestContext context, PendingMessages pending)
    {
        NatsListenerOptions nats = options.Nats!;
        _options = options;
        _context = context;
        _pending = pending;
        _file = context.Totals.Open(options.Name, $"relay {nats.Stream} {nats.Consumer}", Words);
        Member = new LedgerMember(
            nats.Stream, MayCreate: false, new NatsStreamLimits().Replicas, Read, context.Time, problem => context.Log.RelayNotInLedger(options.Name, problem));
    }

    /// <summary>The listener as a member of the ledger.</summary>
    public LedgerMember Member { get; }

    /// <summary>Whether the listener is ending.</summary>
    public bool IsStopping { get; set; }

    /// <summary>A block, or a single message, is acknowledged next.</summary>
    public void AddSettled(int messages) => Add(Blocks, Messages, 1, messages);

    /// <summary>The acknowledgement was never sent: the block will be given out again.</summary>
    public void TakeBackSettled(int messages) => Add(Blocks, Messages, -1, -messages);

    /// <summary>A block that nobody can use is ended next.</summary>
    /// <param name="messages">The number that it claims to hold.</param>
    public void AddUnusable(int messages) => Add(UnusableBlocks, UnusableMessages, 1, messages);

    /// <summary>As <see cref="TakeBackSettled"/>, for a block that nobody can use.</summary>
    public void TakeBackUnusable(int messages) => Add(UnusableBlocks, UnusableMessages, -1, -messages);

    /// <summary>Messages came that the stream had given out before, to anyone.</summary>
    public void AddRedelivered(int messages) => _file.Add(Redelivered, messages);

    private void Add(int blocks, int messages, int block, int inIt)
    {
        _file.Add(messages, inIt);
        _file.Add(blocks, block);
    }

    private LedgerRecord Read() => new()
    {
        Member = _file.Identity,
        Host = Environment.MachineName,
        Name = _options.Name,
        Program = ProgramVersion.Current.ToString(),
        Began = _file.Began,
        IsProcess = !_file.Survives,
        IsStopped = IsStopping,
        Relay = new LedgerRelay
        {
            Consumer = _options.Nats!.Consumer,
            Blocks = _file[Blocks],
            Messages = _file[Messages],
            UnusableBlocks = _file[UnusableBlocks],
            UnusableMessages = _file[UnusableMessages],
            Redelivered = _file[Redelivered],
            Held = _pending.Unanswered,
            Outputs = [.. _context.Ledger.OutputCounters().OrderBy(static output => output.Name, StringComparer.Ordinal).Select(Of)],
        },
    };

    private static LedgerRelayOutput Of(OutputCounters output)
    {
        OutputTotals totals = output.ReadTotals();
        return new LedgerRelayOutput(output.Name, totals.Waiting, LedgerDrops.Of(totals.Dropped, DropReasons.LabelOf));
    }
}
