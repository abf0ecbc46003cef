namespace Concentrator.Configuration.Loading;

/// <summary>Collects everything wrong, so that it is reported together, and keeps secrets out of it.</summary>
internal sealed class ConfigurationErrors(KeyOrigins origins)
{
    /// <summary>Shorter words would blot out parts of innocent sentences, and no real key is that short.</summary>
    private const int ShortestSecret = 8;

    private readonly List<(int Line, ConfigurationError Error)> _errors = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _secrets = [];

    public int Count => _errors.Count;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>In the order of the file; what does not come from the file stands last.</summary>
    public IReadOnlyList<ConfigurationError> InOrder() => [.. _errors.OrderBy(entry => entry.Line).Select(entry => entry.Error)];

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

    public void Add(string path, string problem)
    {
        KeyOrigin? origin = origins.Find(path);
        _errors.Add((origin?.Line ?? int.MaxValue, new ConfigurationError(Clean(origin?.Text), Clean(path), Clean(problem))));
    }

    /// <summary>An error of the file as a whole.</summary>
    public void AddForFile(string place, string problem) => _errors.Add((0, new ConfigurationError(Clean(place), null, Clean(problem))));

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
