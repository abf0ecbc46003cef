namespace Concentrator.Accounting;

/// <summary>An output's counters at one moment.</summary>
internal readonly record struct OutputSnapshot
{
    public required string Name { get; init; }

    /// <summary>Whether <see cref="Connected"/> and <see cref="Reconnects"/> apply.</summary>
    public bool IsRelay { get; init; }

    /// <summary>
    /// Bytes that the queue may hold. For a file: in memory. For a relay: its share of <c>Spool:MaxSize</c> or, if less, the sum of what
    /// it holds, what the disk has free and <c>MaxMemory</c>.
    /// </summary>
    public long Capacity { get; init; }

    public long Accepted { get; init; }
    public long Delivered { get; init; }
    public long Queued { get; init; }
    public long QueuedBytes { get; init; }

    /// <summary>Bytes accepted by this process, without those that an earlier one left behind.</summary>
    public long ArrivedBytes { get; init; }

    public long DeliveredBytes { get; init; }

    /// <summary>Bytes on disk, slightly more or less than <see cref="QueuedBytes"/>; 0 for a queue in memory.</summary>
    public long StoredBytes { get; init; }

    /// <summary>Undelivered messages on disk; included in <see cref="Queued"/>.</summary>
    public long StoredMessages { get; init; }

    /// <summary>Maximum of <see cref="StoredMessages"/> since the start.</summary>
    public long MostStored { get; init; }

    /// <summary>Messages written to disk since the start.</summary>
    public long SpooledMessages { get; init; }

    /// <summary>Maximum of <see cref="Queued"/> since the start.</summary>
    public long MostQueued { get; init; }

    /// <summary>Messages cut at <c>MaxFrameSize</c>; they are delivered, or not, like all others.</summary>
    public long Truncated { get; init; }

    /// <summary>Publications that the peer had already, and has once (<c>nats</c>).</summary>
    public long Known { get; init; }

    /// <summary>How often the queue ran out of room in memory.</summary>
    public long TimesFull { get; init; }

    /// <summary>How often the queue ran out of room on disk.</summary>
    public long TimesDiskFull { get; init; }

    /// <summary>Relays: the times without a connection.</summary>
    public OutageSnapshot Outages { get; init; }

    /// <summary>Forecast for the queue; null when none is made.</summary>
    public BacklogEstimate? Estimate { get; init; }

    /// <summary>Indexed by <see cref="DropReason"/>.</summary>
    public required IReadOnlyList<long> Dropped { get; init; }

    public bool Connected { get; init; }

    /// <summary>Relays: the connected peer; null while there is none.</summary>
    public ConnectedPeer? Peer { get; init; }

    /// <summary>Files: why the file cannot be written at the moment; null = no problem is known.</summary>
    public string? Problem { get; init; }

    /// <summary>Connections that ended since the start.</summary>
    public long Reconnects { get; init; }

    public long DroppedTotal => Dropped.Sum();

    public bool Balances => Accepted == Delivered + Queued + DroppedTotal;
}
