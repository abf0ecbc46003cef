using Concentrator.Accounting;
using Concentrator.Queues.Segments;

namespace Concentrator.Queues.Totals;

/// <summary>
/// The totals of a relay's output. What the output has accepted is not counted a second time, because a kill between two counts would part them:
/// it is <c>next sequence of the log - first sequence that counts + in memory and not numbered + left without a number</c>, and the log, the crash-safe memory and
/// these words each hold their part to the instruction. Drops have no trace elsewhere, so they are words.
/// </summary>
/// <param name="file">The words; not shared.</param>
internal sealed class OutputTotalsFile(TotalsFile file) : IKeptTotals
{
    public const string FileName = "totals";

    /// <summary>The sequence of the first message that counts; 0 until the count has begun.</summary>
    private const int First = 0;

    private const int Unnumbered = 1;

    /// <summary>Messages dropped with the oldest segments of the log.</summary>
    private const int WithSegments = 2;

    /// <summary>What <see cref="WithSegments"/> will be when the segment that is being dropped is gone.</summary>
    private const int Expected = 3;

    /// <summary>The first sequence of the log when it is gone.</summary>
    private const int ExpectedFirst = 4;

    private const int FirstReason = 5;

    /// <summary>Words of the file; some are for reasons that a later version knows.</summary>
    public const int Words = FirstReason + 14;

    /// <summary>Who is counted here.</summary>
    public string Identity => file.Identity;

    /// <summary>Whether the next process goes on counting.</summary>
    public bool Survives => file.Survives;

    /// <summary>When the count began.</summary>
    public DateTimeOffset Began => file.Began;

    public void Drop(DropReason reason, long messages, bool isNumbered) =>
        file.Add(isNumbered && reason == DropReason.QueueFullOldest ? WithSegments : FirstReason + (int)reason, messages);

    public void PassUnnumbered(long messages) => file.Add(Unnumbered, messages);

    public long Dropped(DropReason reason) => file[FirstReason + (int)reason] + (reason == DropReason.QueueFullOldest ? file[WithSegments] : 0);

    /// <summary>
    /// The oldest segment of the log is about to be deleted, and its messages will be counted as <see cref="DropReason.QueueFullOldest"/> then. If a
    /// kill comes between, the next process sees whether it is gone, and counts them or not. Only the thread that drops segments calls.
    /// </summary>
    /// <param name="first">The log's first sequence without that segment.</param>
    /// <param name="messages">Messages that will be counted.</param>
    public void ExpectDrop(long first, long messages)
    {
        // In this order: with the sequence alone nothing is expected yet.
        file.Set(ExpectedFirst, first);
        file.Set(Expected, file[WithSegments] + messages);
    }

    /// <summary>
    /// Messages accepted since the count began. Call it when the queue begins, before anything is stored or settled.
    /// </summary>
    /// <param name="log">The log of the queue.</param>
    /// <param name="inFront">Messages that were found in memory, and have no number yet.</param>
    public long Begin(SegmentLog log, long inFront)
    {
        long uncounted = file[Expected] - file[WithSegments];
        if (uncounted > 0 && log.FirstSequence >= file[ExpectedFirst]) file.Add(WithSegments, uncounted);

        // What waits when the count begins is its first part.
        file.Add(First, file[First] == 0 ? log.FirstSequence : log.SkippedAtStart);
        return Math.Max(0, log.NextSequence - file[First]) + file[Unnumbered] + inFront;
    }
}
