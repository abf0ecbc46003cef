using System.Globalization;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Runs steps in order, and reports each one's number and result. When one fails, or on cancellation, undoes all that this run has done, in
/// reverse order.
/// </summary>
/// <param name="journal">Records each step before it runs.</param>
/// <param name="named">Creates a step from its name in the journal.</param>
/// <param name="output">Receives one line per step.</param>
internal sealed class SwitchRun(SwitchJournal journal, Func<string, SwitchStep> named, TextWriter output)
{
    /// <summary>Returns true when all steps are done; otherwise everything is undone, or what remains is reported.</summary>
    public async Task<bool> DoAsync(IReadOnlyList<SwitchStep> steps, CancellationToken stop)
    {
        int before = journal.Entries.Count;
        for (int i = 0; i < steps.Count; i++)
        {
            string number = (i + 1).ToString(CultureInfo.InvariantCulture);
            try
            {
                stop.ThrowIfCancellationRequested();
                string said = await steps[i].DoAsync(journal.Begin(steps[i].Name), stop).ConfigureAwait(false);
                await output.WriteLineAsync($"done    {number}. {said}").ConfigureAwait(false);
            }
            catch (Exception e) when (SwitchFailure.IsExpected(e))
            {
                string reason = e is OperationCanceledException ? "interrupted" : e.Message;
                await output.WriteLineAsync($"FAILED  {number}. {steps[i].Describe()}: {reason}").ConfigureAwait(false);
                if (await UndoAsync(before).ConfigureAwait(false)) await output.WriteLineAsync("Everything is as it was before.").ConfigureAwait(false);
                return false;
            }
        }
        journal.Finish();
        return true;
    }

    /// <summary>
    /// Undoes the journal's entries down to that many, in reverse order. Stops at one that cannot be undone: the steps before it stay in
    /// effect. Not cancellable, because half an undo is worse than a whole one.
    /// </summary>
    public async Task<bool> UndoAsync(int keep)
    {
        while (journal.Entries.Count > keep)
        {
            JournalEntry entry = journal.Entries[^1];
            SwitchStep step = named(entry.Step);
            try
            {
                string? said = step.DescribeBack(entry);
                string? besides = await step.UndoAsync(entry, CancellationToken.None).ConfigureAwait(false);
                journal.Remove(entry);
                if (said is not null) await output.WriteLineAsync($"undone  {said}{(besides is null ? "" : $"; {besides}")}").ConfigureAwait(false);
            }
            catch (Exception e) when (SwitchFailure.IsExpected(e))
            {
                await output.WriteLineAsync($"FAILED  {step.DescribeBack(entry) ?? step.Name}: {e.Message}").ConfigureAwait(false);
                await output.WriteLineAsync("The earlier steps have not been undone; when this is fixed: concentrator switch --back").ConfigureAwait(false);
                return false;
            }
        }
        // The steps of an earlier run stay done.
        if (keep > 0) journal.Finish();
        return true;
    }
}
