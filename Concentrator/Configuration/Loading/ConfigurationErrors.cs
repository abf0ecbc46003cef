using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Collects all errors and warnings so that they are reported together, and masks secrets in them.</summary>
internal sealed class ConfigurationErrors(KeyOrigins origins)
{
    /// <summary>Shortest text masked, in characters. Shorter ones may be ordinary words, and no real key is that short.</summary>
    private const int ShortestSecret = 8;

    /// <summary>Sorts errors that come from no file to the end of a report.</summary>
    private static readonly (int File, int Line) NoFile = (int.MaxValue, 0);

    private readonly List<((int File, int Line) Place, ConfigurationError Error)> _errors = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _secrets = [];

    public int Count => _errors.Count;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>
    /// Set when a file could not be read. Anything missing may be in that file, so <see cref="AddMissing"/> then reports nothing.
    /// </summary>
    public bool SomethingIsUnread { get; set; }

    /// <summary>The errors in the order of files and lines; those that come from no file are last.</summary>
    public IReadOnlyList<ConfigurationError> InOrder() => [.. _errors.OrderBy(entry => entry.Place).Select(entry => entry.Error)];

    /// <summary>
    /// Masks this text in everything reported from now on: a key pasted into the wrong place would otherwise be quoted
    /// there as a bad value.
    /// </summary>
    public void Protect(string? secret)
    {
        if (secret is { Length: >= ShortestSecret })
        {
            _secrets.Add(secret);
        }
    }

    public void Add(string path, string problem) => Add(origins.Find(path), path, problem);

    /// <summary>Adds an error at a key whose origin is not recorded.</summary>
    public void Add(KeyOrigin? origin, string path, string problem)
    {
        (int File, int Line) place = origin?.Line is int line ? (origin.File, line) : NoFile;
        _errors.Add((place, new ConfigurationError(Clean(origin?.Text), Clean(path), Clean(problem))));
    }

    /// <summary>Adds an error for something required that is missing.</summary>
    public void AddMissing(string path, string problem)
    {
        if (!SomethingIsUnread)
        {
            Add(path, problem);
        }
    }

    /// <summary>Adds an error about a file as a whole.</summary>
    /// <param name="place">Its path, with or without a line.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="file">Its number in the order of reading.</param>
    public void AddForFile(string place, string problem, int file = 0) =>
        _errors.Add(((file, 0), new ConfigurationError(Clean(place), null, Clean(problem))));

    public void Warn(string path, string problem) =>
        _warnings.Add(new ConfigurationError(Clean(origins.Find(path)?.Text), Clean(path), Clean(problem)).ToString());

    public void Warn(string problem) => _warnings.Add(Clean(problem));

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private string? Clean(string? text)
    {
        if (text is null)
        {
            return null;
        }
        foreach (string secret in _secrets)
        {
            text = text.Replace(secret, "…", StringComparison.Ordinal);
        }
        return Problem.OneLine(text);
    }
}
