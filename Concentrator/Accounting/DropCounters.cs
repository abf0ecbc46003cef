namespace Concentrator.Accounting;

/// <summary>
/// The messages of an output that were dropped, by reason: of this process, and, where they are kept, of all before it. The lock of
/// <see cref="OutputCounters"/> guards it.
/// </summary>
internal sealed class DropCounters
{
    private readonly long[] _dropped = new long[DropReasons.All.Length];
    private IKeptTotals? _totals;

    /// <summary>Of this process, indexed by <see cref="DropReason"/>.</summary>
    public IReadOnlyList<long> OfProcess => [.. _dropped];

    /// <summary>Of all processes where they are kept, indexed by <see cref="DropReason"/>.</summary>
    public IReadOnlyList<long> OfAll => _totals is { } totals ? [.. DropReasons.All.Select(totals.Dropped)] : OfProcess;

    /// <summary>Why the last message was dropped that never entered the queue.</summary>
    public DropReason LastRefusal { get; private set; }

    /// <summary>Counts there too from now on.</summary>
    public void KeepIn(IKeptTotals totals) => _totals = totals;

    /// <summary>One message is dropped at once.</summary>
    public void Refuse(DropReason reason)
    {
        Add(reason, 1, isNumbered: false);
        LastRefusal = reason;
    }

    /// <summary>Messages were dropped, and leave the queue.</summary>
    public void Add(DropReason reason, long messages, bool isNumbered)
    {
        if (messages == 0) return;
        _dropped[(int)reason] += messages;
        _totals?.Drop(reason, messages, isNumbered);
        Pass(messages, isNumbered);
    }

    /// <summary>Messages leave the queue, whatever becomes of them.</summary>
    public void Pass(long messages, bool isNumbered)
    {
        if (!isNumbered) _totals?.PassUnnumbered(messages);
    }
}
