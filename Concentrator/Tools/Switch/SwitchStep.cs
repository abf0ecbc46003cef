namespace Concentrator.Tools.Switch;

/// <summary>
/// One thing that the switch does. What it needs for taking it back it writes into its entry of the journal before it does it, so that a
/// run that was interrupted anywhere can be taken back by another process.
/// </summary>
internal abstract class SwitchStep
{
    /// <summary>Names it in the journal.</summary>
    public abstract string Name { get; }

    /// <summary>What it will do, for people, one sentence without a full stop.</summary>
    public abstract string Describe();

    /// <summary>What taking it back will do; null where there is nothing to take back.</summary>
    public abstract string? DescribeBack(JournalEntry entry);

    /// <summary>Does it, and verifies that it is done.</summary>
    /// <returns>What was done or found, one line.</returns>
    /// <exception cref="SwitchFailure">It is not done, or only in part: <see cref="UndoAsync"/> takes that back.</exception>
    public abstract Task<string> DoAsync(JournalEntry entry, CancellationToken stop);

    /// <summary>Takes back what was done, all of it or in part; a second time does nothing.</summary>
    /// <returns>What is to be said beyond <see cref="DescribeBack"/>, one line; null = nothing.</returns>
    /// <exception cref="SwitchFailure">That cannot be. What was done before it then stays, and can be taken back later.</exception>
    public abstract Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop);
}
