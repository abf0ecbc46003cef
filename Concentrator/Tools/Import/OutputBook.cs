using System.Globalization;
using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Import;

/// <summary>Finds names for listeners and outputs: letters, digits, dots, hyphens and underscores, and no name twice.</summary>
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

/// <summary>The outputs found so far. What several actions write is one output.</summary>
internal sealed class OutputBook
{
    private readonly NameBook _names = new();
    private readonly List<ImportedOutput> _outputs = [];

    public IReadOnlyList<ImportedOutput> Outputs => _outputs;

    /// <summary>The output of that path, which may be an earlier one with other settings.</summary>
    public FileOutputOptions File(FileOutputOptions wanted, string origin)
    {
        FileOutputOptions? known = _outputs.Select(static output => output.Options).OfType<FileOutputOptions>().FirstOrDefault(file => file.Path == wanted.Path);
        return known ?? Add(wanted with { Name = _names.Find(Path.GetFileName(wanted.Path)) }, origin);
    }

    /// <summary>The relay that is the same but for its key: routes may carry their own.</summary>
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
