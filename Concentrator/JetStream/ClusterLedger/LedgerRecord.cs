namespace Concentrator.JetStream.ClusterLedger;

/// <summary>
/// What a member of a cluster knows of itself: an output that publishes to the stream (an edge), or a listener that fetches from it (a relay).
/// Exactly one of <see cref="Edge"/> and <see cref="Relay"/> is set. All counts are messages since <see cref="Began"/>, but for those that say
/// blocks, which are messages of the stream.
/// </summary>
internal sealed record LedgerRecord
{
    /// <summary>Identity of the count: 16 hexadecimal digits. Who begins to count anew is another member.</summary>
    public required string Member { get; init; }

    public required string Host { get; init; }

    /// <summary>Name of the output or listener.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Program { get; init; }

    public required DateTimeOffset Began { get; init; }

    /// <summary>When the figures were read, by the member's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Whether it was the last record of an orderly stop.</summary>
    public bool IsStopped { get; init; }

    /// <summary>Whether the count ends with the process.</summary>
    public bool IsProcess { get; init; }

    /// <summary>The word of the question that this record answers; null if it answers none.</summary>
    public string? Answers { get; init; }

    public LedgerEdge? Edge { get; init; }

    public LedgerRelay? Relay { get; init; }
}

/// <summary>Messages dropped for one reason, as the metrics name it.</summary>
internal sealed record LedgerDrop(string Reason, long Messages);

/// <summary>The figures of an output that publishes.</summary>
/// <param name="Accepted">Messages that came.</param>
/// <param name="Waiting">Of them: in the spool, or on their way and not acknowledged.</param>
/// <param name="Dropped">Of them: dropped, by reason.</param>
internal sealed record LedgerEdge(long Accepted, long Waiting, IReadOnlyList<LedgerDrop> Dropped)
{
    public long DroppedTotal => Dropped.Sum(static drop => drop.Messages);

    /// <summary>Messages that the stream has acknowledged, as far as the edge knows.</summary>
    public long HandedOver => Accepted - Waiting - DroppedTotal;
}

/// <summary>The figures of a listener that fetches.</summary>
internal sealed record LedgerRelay
{
    public required string Consumer { get; init; }

    /// <summary>Blocks that it has acknowledged.</summary>
    public long Blocks { get; init; }

    /// <summary>Messages in them.</summary>
    public long Messages { get; init; }

    /// <summary>Blocks that it has ended because they are not what they say.</summary>
    public long UnusableBlocks { get; init; }

    /// <summary>Messages in them, as far as they say so.</summary>
    public long UnusableMessages { get; init; }

    /// <summary>Messages that the stream had given out before, to anyone: no more than these can be counted twice.</summary>
    public long Redelivered { get; init; }

    /// <summary>Blocks that it holds and has not acknowledged. They are in the stream.</summary>
    public long Held { get; init; }

    /// <summary>What has become of messages behind it. Other listeners of the server feed the same outputs, so it is no part of the balance.</summary>
    public IReadOnlyList<LedgerRelayOutput> Outputs { get; init; } = [];

    /// <summary>Messages that it has taken off the stream for good.</summary>
    public long Settled => Messages + UnusableMessages;
}

/// <summary>An output of a server that is a relay.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Waiting">Messages in its queue.</param>
/// <param name="Dropped">Messages dropped, by reason.</param>
internal sealed record LedgerRelayOutput(string Name, long Waiting, IReadOnlyList<LedgerDrop> Dropped);
