using System.Globalization;

namespace Concentrator.Configuration.Loading;

/// <summary>The layers of a configuration, weakest first.</summary>
internal enum Layer
{
    Base,
    Environment,
    CommandLine,
}

/// <summary>Where the value at one key path came from.</summary>
/// <param name="Text"><c>FILE:LINE</c>, the variable or the argument; null for a built-in value, which no one can edit.</param>
/// <param name="Line">The line in the file, from 1; null for other layers.</param>
/// <param name="Layer">The layer that set the value.</param>
/// <param name="Spelling">The path in the letter case in which it was written.</param>
/// <param name="File">The file's number in the order of reading; the main file is 0.</param>
internal sealed record KeyOrigin(string? Text, int? Line, Layer Layer, string Spelling, int File = 0)
{
    /// <summary>How errors name a line of a file.</summary>
    public static string Place(string file, int line) => string.Create(CultureInfo.InvariantCulture, $"{file}:{line}");

    public static string Place(string file, int line, int column) => string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}");

    /// <summary>The stronger of two settings wins: a later file over an earlier one, then the environment, then the command line.</summary>
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
    /// Records a value. Must be called in the order of layers and files. Parents not written out count as written here.
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

    /// <summary>Removes what was recorded below the path, because another value replaces it.</summary>
    public void ForgetBelow(string path)
    {
        foreach (string below in _byPath.Keys.Where(known => IsBelow(known, path)).ToArray())
        {
            _byPath.Remove(below);
        }
    }

    /// <summary>The origin of the path, or of its nearest recorded parent (for a missing key); null if nothing is known.</summary>
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
    /// The path as spelled where it was first written: an environment variable that sets a key of a listener does not rename
    /// the listener.
    /// </summary>
    public string Spelling(string path) => _byPath.TryGetValue(path, out KeyOrigin? origin) ? origin.Spelling : path;

    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";

    /// <summary>The parent of this path; null at the top.</summary>
    public static string? Parent(string path)
    {
        int colon = path.LastIndexOf(':');
        return colon < 0 ? null : path[..colon];
    }

    public static bool IsBelow(string path, string parent) =>
        path.Length > parent.Length && path[parent.Length] == ':' && path.StartsWith(parent, StringComparison.OrdinalIgnoreCase);
}
