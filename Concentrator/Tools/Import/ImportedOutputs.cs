using System.Globalization;
using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Import;

/// <summary>Makes unique names for listeners and outputs: letters, digits, dots, hyphens and underscores.</summary>
internal sealed class NameBook
{
    private const int Longest = 60;

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    public string Find(string wanted)
    {
        string clean = new([.. wanted.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')]);
        clean = clean.TrimStart('.', '-', '_');
        clean = clean.Length == 0 ? "unnamed" : clean[..Math.Min(clean.Length, Longest)];
        string name = clean;
        for (int i = 2; !_taken.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{clean}-{i}");
        return name;
    }
}

/// <summary>The outputs found so far. Several actions with the same destination share one.</summary>
internal sealed class ImportedOutputs
{
    private readonly NameBook _names = new();
    private readonly List<ImportedOutput> _outputs = [];

    public IReadOnlyList<ImportedOutput> Outputs => _outputs;

    /// <summary>The output for that path: an existing one, even with other settings, or a new one.</summary>
    public FileOutputOptions File(FileOutputOptions wanted, string origin)
    {
        FileOutputOptions? known = _outputs.Select(static output => output.Options).OfType<FileOutputOptions>().FirstOrDefault(file => file.Path == wanted.Path);
        return known ?? Add(wanted with { Name = _names.Find(Path.GetFileName(wanted.Path)) }, origin);
    }

    /// <summary>The relay with the same settings except its key, because routes may have their own; added if it is new.</summary>
    public RelayOutputOptions Relay(RelayOutputOptions wanted, string origin)
    {
        RelayOutputOptions? known = _outputs.Select(static output => output.Options).OfType<RelayOutputOptions>()
            .FirstOrDefault(relay => (relay with { Name = "", IntakeKey = null }) == wanted with { Name = "", IntakeKey = null });
        string host = wanted.Endpoints.List[0].Host;
        return known ?? Add(wanted with { Name = _names.Find(host.Contains("sekoia", StringComparison.OrdinalIgnoreCase) ? "sekoia" : host) }, origin);
    }

    private T Add<T>(T output, string origin)
        where T : OutputOptions
    {
        _outputs.Add(new ImportedOutput(output, origin));
        return output;
    }
}
