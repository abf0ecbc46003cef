using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Collects everything wrong, so that it is reported together, and keeps secrets out of it.</summary>
internal sealed class ConfigurationErrors(KeyOrigins origins)
{
    /// <summary>Shorter words would blot out parts of innocent sentences, and no real key is that short.</summary>
    private const int ShortestSecret = 8;

    /// <summary>What comes from no file stands last in a report.</summary>
    private static readonly (int File, int Line) NoFile = (int.MaxValue, 0);

    private readonly List<((int File, int Line) Place, ConfigurationError Error)> _errors = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _secrets = [];

    public int Count => _errors.Count;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>
    /// Set where a file could not be read: whatever else is missing may stand in it, so <see cref="AddMissing"/> says nothing any more.
    /// </summary>
    public bool SomethingIsUnread { get; set; }

    /// <summary>In the order of the files and their lines; what does not come from a file stands last.</summary>
    public IReadOnlyList<ConfigurationError> InOrder() => [.. _errors.OrderBy(entry => entry.Place).Select(entry => entry.Error)];

    /// <summary>
    /// Blots this text out of whatever is said from now on: a key pasted into the wrong place would otherwise be quoted
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

    /// <summary>An error at a key whose origin is not recorded.</summary>
    public void Add(KeyOrigin? origin, string path, string problem)
    {
        (int File, int Line) place = origin?.Line is int line ? (origin.File, line) : NoFile;
        _errors.Add((place, new ConfigurationError(Clean(origin?.Text), Clean(path), Clean(problem))));
    }

    /// <summary>Something that has to be there is not.</summary>
    public void AddMissing(string path, string problem)
    {
        if (!SomethingIsUnread)
        {
            Add(path, problem);
        }
    }

    /// <summary>An error of a file as a whole.</summary>
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
