using System.Globalization;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Does steps one after the other, each with its number and what came of it, and when one fails takes back all that this run has done, the
/// last one first. Told to stop, it takes back as well.
/// </summary>
/// <param name="journal">Knows each step before it is done.</param>
/// <param name="named">A step by its name in the journal.</param>
/// <param name="output">A line a step.</param>
internal sealed class SwitchRun(SwitchJournal journal, Func<string, SwitchStep> named, TextWriter output)
{
    /// <summary>Whether everything is done; else everything is undone, or said.</summary>
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
                string reason = e is OperationCanceledException ? "told to stop" : e.Message;
                await output.WriteLineAsync($"FAILED  {number}. {steps[i].Describe()}: {reason}").ConfigureAwait(false);
                if (await UndoAsync(before).ConfigureAwait(false)) await output.WriteLineAsync("Everything is as it was before.").ConfigureAwait(false);
                return false;
            }
        }
        journal.Finish();
        return true;
    }

    /// <summary>
    /// Takes back what the journal has beyond so many entries, the last one first. Ends at one that cannot be taken back: what was done before it
    /// is what goes on working. Is not told to stop: half a way back is worse than a whole one.
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
                await output.WriteLineAsync("What was done before it stays as it is; when this is mended: concentrator switch --back").ConfigureAwait(false);
                return false;
            }
        }
        // What an earlier run has done stays done.
        if (keep > 0) journal.Finish();
        return true;
    }
}
