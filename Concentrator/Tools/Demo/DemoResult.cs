using Concentrator.Accounting;

namespace Concentrator.Tools.Demo;

/// <summary>All counts, by every party, after everything has ended.</summary>
internal sealed record DemoResult
{
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Whether it was stopped before its end.</summary>
    public bool Interrupted { get; init; }

    /// <summary>The senders' counts.</summary>
    public required IReadOnlyList<SenderResult> Senders { get; init; }

    /// <summary>The listeners in the server's own ledger.</summary>
    public required IReadOnlyList<ListenerSnapshot> Listeners { get; init; }

    /// <summary>The outputs in the server's own ledger.</summary>
    public required IReadOnlyList<OutputSnapshot> Outputs { get; init; }

    /// <summary>Counted by reading the file.</summary>
    public required Arrival File { get; init; }

    /// <summary>The intake's counts.</summary>
    public required IntakeResult Intake { get; init; }

    /// <summary>Null when the demo ended before the outage.</summary>
    public OutageResult? Outage { get; init; }

    public required Example Example { get; init; }

    public long Sent => Senders.Sum(static sender => sender.Sent);
}

/// <summary>One sender's counts.</summary>
/// <param name="Plan">The sender's plan.</param>
/// <param name="Sent">Messages that the kernel accepted.</param>
/// <param name="Malformed">Those of them without a valid header.</param>
/// <param name="Failure">Why it ended early; null if it did not.</param>
internal sealed record SenderResult(SenderPlan Plan, long Sent, long Malformed, string? Failure);
