using System.Globalization;
using System.Text.Json;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// A configuration file and those of the <see cref="DropInFolder"/> beside it as one layer, in which a later file adds to and overrides
/// the earlier ones. Objects are merged key by key. A text, a number, <c>null</c> or an array replaces what was there, except that the
/// array of <c>Routes</c> is appended: a file that adds an output can add its route, and no file can remove the others' routes by
/// accident.
/// </summary>
/// <param name="main">The main file.</param>
/// <param name="origins">Records where each key comes from.</param>
/// <param name="errors">Receives what is wrong with the files; those that can be read are used.</param>
internal sealed class JsonProvider(string main, KeyOrigins origins, ConfigurationErrors errors) : LayerProvider(origins)
{
    /// <summary>What stands at every path present, objects and arrays included.</summary>
    private readonly Dictionary<string, JsonTokenType> _kinds = new(StringComparer.OrdinalIgnoreCase);

    private int _routes;

    /// <summary>The files beside the main file, in the order of reading.</summary>
    public IReadOnlyList<string> DropIns { get; private set; } = [];

    protected override bool Read()
    {
        if (!DropInFolder.FilesAfter(main).TryGet(out string[]? found, out string? problem))
        {
            errors.AddForFile(DropInFolder.Beside(main)!, problem);
            errors.SomethingIsUnread = true;
        }
        DropIns = found ?? [];
        bool any = Add(main, 0, "name a readable JSON file with --config FILE");
        for (int i = 0; i < DropIns.Count; i++)
        {
            any |= Add(DropIns[i], i + 1, $"remove it from {DropInFolder.Name}");
        }
        return any;
    }

    private bool Add(string file, int number, string remedy)
    {
        if (JsonFileReader.Read(file, number, remedy, errors) is not { } root)
        {
            errors.SomethingIsUnread = true;
            return false;
        }
        foreach (JsonValue member in root.Members)
        {
            Add(file, number, member, member.Key);
        }
        return true;
    }

    private void Add(string file, int number, JsonValue value, string path)
    {
        bool isRoutes = value.Kind == JsonTokenType.StartArray && path.Equals(RoutesReader.Section, StringComparison.OrdinalIgnoreCase);
        bool isAdded = value.Kind == _kinds.GetValueOrDefault(path) && (isRoutes || value.Kind == JsonTokenType.StartObject);
        if (!isAdded)
        {
            TakePlace(path);
            Set(path, value.Text, KeyOrigin.Place(file, value.Line), value.Line, Layer.Base, number);
            _kinds[path] = value.Kind;
        }
        int first = isRoutes && isAdded ? _routes : 0;
        foreach (JsonValue member in value.Members)
        {
            string key = isRoutes ? (first++).ToString(CultureInfo.InvariantCulture) : member.Key;
            Add(file, number, member, KeyOrigins.Join(path, key));
        }
        if (isRoutes)
        {
            _routes = first;
        }
        if (value.Members.Count > 0)
        {
            // An earlier file may have left it empty.
            Data.Remove(path);
        }
    }

    private void TakePlace(string path)
    {
        if (_kinds.ContainsKey(path))
        {
            foreach (string below in _kinds.Keys.Where(known => KeyOrigins.IsBelow(known, path)).ToArray())
            {
                _kinds.Remove(below);
                Data.Remove(below);
            }
            Origins.ForgetBelow(path);
        }

        // A key may be written with its section in one word ("Section:Key"), which creates the parents too.
        for (string? parent = KeyOrigins.Parent(path); parent is not null; parent = KeyOrigins.Parent(parent))
        {
            _kinds.TryAdd(parent, JsonTokenType.StartObject);
        }
    }
}
