using System.Globalization;
using System.Text.Json;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// The keys of several files as one layer, in which a later file adds to and overrides the earlier ones. Objects are merged key
/// by key. A text, a number, <c>null</c> or an array replaces what was there, except that the array of <c>Routes</c> is appended:
/// a file that adds an output can add its route, and no file can remove the others' routes by accident.
/// </summary>
/// <param name="origins">Records where each key comes from.</param>
internal sealed class FileKeys(KeyOrigins origins)
{
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The JSON kind at every path present, objects and arrays included.</summary>
    private readonly Dictionary<string, JsonValueKind> _kinds = new(StringComparer.OrdinalIgnoreCase);

    private int _routes;

    /// <summary>The values in the form of Microsoft.Extensions.Configuration's JSON provider: an empty array is an empty text.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>Adds a file. Files must be added in the order of reading.</summary>
    public void Add(ConfigurationText text)
    {
        foreach (JsonProperty property in text.Root.EnumerateObject())
        {
            Add(text, property.Value, property.Name, property.Name);
        }
    }

    /// <param name="text">The file.</param>
    /// <param name="element">The JSON value at the path.</param>
    /// <param name="path">The key path in the whole configuration.</param>
    /// <param name="written">The key path in the file; a route has its number in that file.</param>
    private void Add(ConfigurationText text, JsonElement element, string path, string written)
    {
        JsonValueKind kind = element.ValueKind;
        JsonValueKind earlier = _kinds.GetValueOrDefault(path);
        bool isRoutes = path.Equals(RoutesReader.Section, StringComparison.OrdinalIgnoreCase);
        bool isAdded = kind == earlier && (kind == JsonValueKind.Object || (kind == JsonValueKind.Array && isRoutes));
        if (!isAdded)
        {
            TakePlace(text, kind, path, written);
        }
        if (isRoutes && !isAdded)
        {
            _routes = 0;
        }
        int children = 0;
        if (kind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                Add(text, property.Value, JsonWalk.Join(path, property.Name), JsonWalk.Join(written, property.Name));
                children++;
            }
        }
        else if (kind == JsonValueKind.Array)
        {
            int first = isRoutes ? _routes : 0;
            foreach (JsonElement child in element.EnumerateArray())
            {
                Add(text, child, JsonWalk.Join(path, Text(first + children)), JsonWalk.Join(written, Text(children)));
                children++;
            }
            _routes = isRoutes ? first + children : _routes;
        }
        if (children > 0)
        {
            // An earlier file may have left it empty.
            _values.Remove(path);
        }
        else if (!isAdded)
        {
            _values[path] = kind switch
            {
                JsonValueKind.Array => "",
                JsonValueKind.Object or JsonValueKind.Null => null,
                _ => element.ToString(),
            };
        }
    }

    private void TakePlace(ConfigurationText text, JsonValueKind kind, string path, string written)
    {
        if (_kinds.ContainsKey(path))
        {
            foreach (string below in _kinds.Keys.Where(known => KeyOrigins.IsBelow(known, path)).ToArray())
            {
                _kinds.Remove(below);
                _values.Remove(below);
            }
            origins.ForgetBelow(path);
        }
        _kinds[path] = kind;

        // A key may be written with its section in one word ("Section:Key"), which creates the parents too.
        for (string? parent = KeyOrigins.Parent(path); parent is not null; parent = KeyOrigins.Parent(parent))
        {
            _kinds.TryAdd(parent, JsonValueKind.Object);
        }
        int line = text.Lines[written];
        origins.Record(path, string.Create(CultureInfo.InvariantCulture, $"{text.File}:{line}"), line, Layer.Base, text.Number);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
