namespace Concentrator.Tools.Switch;

/// <summary>
/// One step of the switch. It writes what undoing needs to its journal entry before it acts, so that another process can undo a run that
/// was interrupted at any point.
/// </summary>
internal abstract class SwitchStep
{
    /// <summary>The step's name in the journal.</summary>
    public abstract string Name { get; }

    /// <summary>What the step will do: one sentence for the operator, without a full stop.</summary>
    public abstract string Describe();

    /// <summary>What undoing it will do; null when there is nothing to undo.</summary>
    public abstract string? DescribeBack(JournalEntry entry);

    /// <summary>Does the step, and verifies the result.</summary>
    /// <returns>What was done or found, in one line.</returns>
    /// <exception cref="SwitchFailure">The step failed or was done in part: <see cref="UndoAsync"/> undoes that part.</exception>
    public abstract Task<string> DoAsync(JournalEntry entry, CancellationToken stop);

    /// <summary>Undoes the step, whether done in full or in part. Idempotent.</summary>
    /// <returns>What to report beyond <see cref="DescribeBack"/>, in one line; null = nothing.</returns>
    /// <exception cref="SwitchFailure">Undoing failed. The earlier steps stay in effect and can be undone later.</exception>
    public abstract Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop);
}
