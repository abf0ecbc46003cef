using System.Globalization;
using System.Text.Json;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// The keys of several files as one layer, in which a later file adds to the earlier ones and overrides them. Objects are merged key by key. A
/// text, a number, <c>null</c> or an array takes the place of whatever stood there; an array of <c>Routes</c> alone is appended to
/// those before it: a file that brings an output can bring its route, and none can take the others away by accident.
/// </summary>
/// <param name="origins">Told where each key comes from.</param>
internal sealed class FileKeys(KeyOrigins origins)
{
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Of every path that is there, those of objects and arrays too.</summary>
    private readonly Dictionary<string, JsonValueKind> _kinds = new(StringComparer.OrdinalIgnoreCase);

    private int _routes;

    /// <summary>The values, as Microsoft.Extensions.Configuration has those of a JSON file: an empty array is an empty text.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>Adds a file; call in the order of reading.</summary>
    public void Add(ConfigurationText text)
    {
        foreach (JsonProperty property in text.Root.EnumerateObject())
        {
            Add(text, property.Value, property.Name, property.Name);
        }
    }

    /// <param name="text">The file.</param>
    /// <param name="element">What stands at the path.</param>
    /// <param name="path">The key path in the whole configuration.</param>
    /// <param name="written">The key path in the file: of a route its number there.</param>
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
            // It may have been empty before.
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

        // A key that is written with its section in one word.
        for (string? parent = KeyOrigins.Parent(path); parent is not null; parent = KeyOrigins.Parent(parent))
        {
            _kinds.TryAdd(parent, JsonValueKind.Object);
        }
        int line = text.Lines[written];
        origins.Record(path, string.Create(CultureInfo.InvariantCulture, $"{text.File}:{line}"), line, Layer.Base, text.Number);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
