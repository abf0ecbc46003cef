using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>Changes HAProxy's log lines, with a backup of each file. Only runs when the operator passed <c>--edit</c>.</summary>
/// <param name="host">The host to switch.</param>
/// <param name="changes">The lines to change. Not used when undoing.</param>
internal sealed class HaproxyConfigStep(SwitchedHost host, IReadOnlyList<LineChange> changes) : SwitchStep
{
    public const string StepName = "haproxy.cfg";

    private const string FileNote = "file ";
    private const string ChangeNote = "change ";
    private const string BackupSuffix = ".before-concentrator";

    private readonly HaproxyReload _reload = new(host);

    public override string Name => StepName;

    public override string Describe() =>
        $"change {changes.Count} {(changes.Count == 1 ? "line" : "lines")} of {string.Join(", ", Files(changes))} (a backup beside it), check with haproxy -c, and reload HAProxy:\n"
        + string.Join('\n', changes.Select(static change => $"    {change.Shown.Replace("\n", "\n    ", StringComparison.Ordinal)}"));

    public override string? DescribeBack(JournalEntry entry) =>
        $"{string.Join(", ", Noted(entry, FileNote).Select(static note => note[0]))} restored, HAProxy reloaded";

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        HaproxyConfig read = WorkerViews.Read(host);
        Dictionary<string, string> texts = HaproxyEdit.Apply(changes);
        await _reload.CheckAsync(read.Files, texts, stop).ConfigureAwait(false);
        foreach ((int index, LineChange change) in changes.Index())
            entry[string.Create(CultureInfo.InvariantCulture, $"{ChangeNote}{index}")] = $"{change.File}\n{change.Old}\n{change.New}";
        foreach ((int index, (string file, string text)) in texts.Index())
        {
            string backup = FreeName(file + BackupSuffix);
            File.Copy(file, backup);
            entry[string.Create(CultureInfo.InvariantCulture, $"{FileNote}{index}")] = $"{file}\n{backup}\n{Sum(text)}";
            await File.WriteAllTextAsync(file, text, stop).ConfigureAwait(false);
        }
        await _reload.ReloadAsync(read.RingFiles.Count > 0, stop).ConfigureAwait(false);
        return $"{string.Join(", ", texts.Keys)} changed and HAProxy reloaded";
    }

    public override async Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach (string[] note in Noted(entry, FileNote))
        {
            (string file, string backup, string sum) = (note[0], note[1], note[2]);
            string now = await File.ReadAllTextAsync(file, stop).ConfigureAwait(false);
            string then = Sum(now) == sum && File.Exists(backup) ? await File.ReadAllTextAsync(backup, stop).ConfigureAwait(false) : TakenBack(entry, file, now);
            if (then != now) texts[file] = then;
        }
        if (texts.Count > 0)
        {
            HaproxyConfig read = WorkerViews.Read(host);
            await _reload.CheckAsync(read.Files, texts, stop).ConfigureAwait(false);
            foreach ((string file, string text) in texts) await File.WriteAllTextAsync(file, text, stop).ConfigureAwait(false);
            if (await host.IsAsync("is-active", UnitNames.Haproxy, stop).ConfigureAwait(false))
                await _reload.ReloadAsync(read.RingFiles.Count > 0, stop).ConfigureAwait(false);
        }
        await _reload.AwaitFormerWorkersAsync(stop).ConfigureAwait(false);
        foreach (string[] note in Noted(entry, FileNote)) File.Delete(note[1]);
        return null;
    }

    /// <summary>Restores only the lines that are still ours, in a file that others have changed since.</summary>
    private static string TakenBack(JournalEntry entry, string file, string text)
    {
        string[] lines = text.Split('\n');
        foreach (string[] change in Noted(entry, ChangeNote).Where(change => change[0] == file))
        {
            int at = Array.IndexOf(lines, change[2]);
            if (at >= 0) lines[at] = change[1];
        }
        return string.Join('\n', lines);
    }

    private static IEnumerable<string[]> Noted(JournalEntry entry, string kind) => entry.Notes
        .Where(note => note.Key.StartsWith(kind, StringComparison.Ordinal))
        .Select(static note => note.Value.Split('\n'));

    private static IEnumerable<string> Files(IReadOnlyList<LineChange> changes) => changes.Select(static change => change.File).Distinct();

    private static string FreeName(string path) => Enumerable.Range(0, int.MaxValue)
        .Select(number => number == 0 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}.{number}"))
        .First(static name => !File.Exists(name));

    private static string Sum(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
