namespace Concentrator.Accounting;

/// <summary>
/// Totals of an output that outlive the process where it has a disk. Written with the output's <see cref="OutputLock"/> held, in the step that
/// counts the same in <see cref="OutputCounters"/>; neither call may wait.
/// </summary>
internal interface IKeptTotals
{
    /// <summary>Messages, which a log has numbered or not, were dropped.</summary>
    void Drop(DropReason reason, long messages, bool isNumbered);

    /// <summary>Messages have left the queue, delivered or dropped, and the log never gave them a number.</summary>
    void PassUnnumbered(long messages);

    /// <summary>Messages that were ever dropped for that reason.</summary>
    long Dropped(DropReason reason);
}
