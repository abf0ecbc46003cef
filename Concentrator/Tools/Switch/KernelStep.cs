using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Sets the kernel's settings before the socket is created, because a socket keeps the queue length it was created with. Writes them to a
/// file for the next boot and applies them at once, as far as the kernel allows; a container may not set all of them.
/// </summary>
internal sealed class KernelStep(SwitchedHost host) : SwitchStep
{
    public const string StepName = "kernel";

    private const string WrittenNote = "written";
    private const string NewDirectoryNote = "new directory";

    public override string Name => StepName;

    private string SettingsFile => host.Examined.SysctlFile;

    /// <summary>Whether the settings file is missing.</summary>
    public static bool IsNeeded(SwitchedHost host) => !File.Exists(host.Examined.SysctlFile);

    public override string Describe() => $"write the kernel settings (longer queues) to {SettingsFile} and apply them";

    public override string? DescribeBack(JournalEntry entry) => $"kernel settings restored, {SettingsFile} removed";

    public override Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        string directory = Path.GetDirectoryName(SettingsFile)!;
        if (!Directory.Exists(directory))
        {
            entry[NewDirectoryNote] = "yes";
            Directory.CreateDirectory(directory);
        }
        entry[WrittenNote] = "yes";
        Diagnosis written = new SysctlFile(host.Examined).Write();
        if (written.Verdict != Verdict.Ok) throw new SwitchFailure(written.Finding);
        List<string> refused = [];
        foreach (Match setting in SysctlFile.SettingLine().Matches(File.ReadAllText(SettingsFile)))
        {
            (string name, long wanted) = (setting.Groups[1].Value, long.Parse(setting.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
            if (ProcFile.TrySetting(host.Examined.Proc, name) is not { } present || present >= wanted) continue;
            entry[name] = present.ToString(CultureInfo.InvariantCulture);
            if (!TrySet(name, wanted.ToString(CultureInfo.InvariantCulture))) refused.Add(name);
        }
        string not = refused.Count == 0 ? "" : $" (not {string.Join(", ", refused)}, which the kernel does not accept here)";
        return Task.FromResult($"kernel settings written to {SettingsFile} and applied{not}");
    }

    public override Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (entry[WrittenNote] is not null) File.Delete(SettingsFile);
        if (entry[NewDirectoryNote] is not null) Directory.Delete(Path.GetDirectoryName(SettingsFile)!);
        foreach ((string name, string value) in entry.Notes.Where(static note => note.Key.Contains('.', StringComparison.Ordinal))) TrySet(name, value);
        return Task.FromResult<string?>(null);
    }

    private bool TrySet(string name, string value)
    {
        try
        {
            File.WriteAllText(ProcFile.Setting(host.Examined.Proc, name), value + "\n");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected in a container; the caller reports it.
            return false;
        }
    }
}
