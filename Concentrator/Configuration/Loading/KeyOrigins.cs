namespace Concentrator.Configuration.Loading;

/// <summary>The layers of a configuration, weakest first.</summary>
internal enum Layer
{
    Base,
    Environment,
    CommandLine,
}

/// <summary>Where the value at one key path came from.</summary>
/// <param name="Text"><c>FILE:LINE</c>, the variable or the argument; null for a built-in value, which nobody can go and edit.</param>
/// <param name="Line">In the file, from 1; null elsewhere.</param>
/// <param name="Layer">What kind of place it is.</param>
/// <param name="Spelling">The path in its author's letter case.</param>
/// <param name="File">Of a file: its number in the order of reading, the main one 0.</param>
internal sealed record KeyOrigin(string? Text, int? Line, Layer Layer, string Spelling, int File = 0)
{
    /// <summary>Of two settings of a key the stronger holds: a later file, above all files the environment, above it the command line.</summary>
    public int Strength => Layer switch
    {
        Layer.Base => File,
        Layer.Environment => int.MaxValue - 1,
        _ => int.MaxValue,
    };
}

/// <summary>Remembers for every key path the strongest layer that set it. Paths compare without letter case.</summary>
internal sealed class KeyOrigins
{
    private readonly Dictionary<string, KeyOrigin> _byPath = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Records a value; call in the order of the layers and files. Parents that nobody wrote out count as written here.
    /// </summary>
    public void Record(string path, string? text, int? line, Layer layer, int file = 0)
    {
        KeyOrigin origin = new(text, line, layer, path, file);
        _byPath[path] = origin;
        for (string? parent = Parent(path); parent is not null && !_byPath.ContainsKey(parent); parent = Parent(parent))
        {
            _byPath[parent] = origin with { Spelling = path[..parent.Length] };
        }
    }

    /// <summary>Something else takes the place of what was recorded below the path.</summary>
    public void ForgetBelow(string path)
    {
        foreach (string below in _byPath.Keys.Where(known => IsBelow(known, path)).ToArray())
        {
            _byPath.Remove(below);
        }
    }

    /// <summary>The origin of the path, or of the nearest thing above it (for a key that is missing); null if nothing is known.</summary>
    public KeyOrigin? Find(string path)
    {
        for (string? place = path; place is not null; place = Parent(place))
        {
            if (_byPath.TryGetValue(place, out KeyOrigin? origin))
            {
                return origin;
            }
        }
        return null;
    }

    /// <summary>
    /// The path as spelled by whoever first wrote it: an environment variable that sets a key of a listener does not rename
    /// the listener.
    /// </summary>
    public string Spelling(string path) => _byPath.TryGetValue(path, out KeyOrigin? origin) ? origin.Spelling : path;

    /// <summary>The path that encloses this one; null at the top.</summary>
    public static string? Parent(string path)
    {
        int colon = path.LastIndexOf(':');
        return colon < 0 ? null : path[..colon];
    }

    public static bool IsBelow(string path, string parent) =>
        path.Length > parent.Length && path[parent.Length] == ':' && path.StartsWith(parent, StringComparison.OrdinalIgnoreCase);
}
