using Concentrator.Accounting;

namespace Concentrator.Tools.Demo;

/// <summary>Everything that was counted, by whoever was there, after all has ended.</summary>
internal sealed record DemoResult
{
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Told to stop before its end.</summary>
    public bool Interrupted { get; init; }

    /// <summary>Counted by the senders.</summary>
    public required IReadOnlyList<SenderResult> Senders { get; init; }

    /// <summary>The server's own ledger.</summary>
    public required IReadOnlyList<ListenerSnapshot> Listeners { get; init; }

    /// <summary>The server's own ledger.</summary>
    public required IReadOnlyList<OutputSnapshot> Outputs { get; init; }

    /// <summary>Counted by reading the file.</summary>
    public required Arrival File { get; init; }

    /// <summary>Counted by the intake.</summary>
    public required IntakeResult Intake { get; init; }

    /// <summary>Null where the demo did not come that far.</summary>
    public OutageResult? Outage { get; init; }

    public required Example Example { get; init; }

    public long Sent => Senders.Sum(static sender => sender.Sent);
}

/// <summary>What one sender knows.</summary>
/// <param name="Plan">Who it is.</param>
/// <param name="Sent">Messages that the kernel took.</param>
/// <param name="Malformed">Of those, the ones without a valid header.</param>
/// <param name="Failure">Why it ended early; null if it did not.</param>
internal sealed record SenderResult(SenderPlan Plan, long Sent, long Malformed, string? Failure);
