using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Concentrator.Configuration.Loading;

/// <summary>Follows a <see cref="Utf8JsonReader"/> token by token and tracks the key path and the line.</summary>
internal sealed class JsonWalk(byte[] content)
{
    /// <summary>The containers around the current token: path, and for an array the index of the next element (-1 for an object).</summary>
    private readonly Stack<(string Path, int Index)> _open = new();
    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);
    private string _property = "";
    private long _counted;

    public int Depth => _open.Count;

    /// <summary>The line, from 1, on which each key path opened so far begins. Paths compare without letter case.</summary>
    public IReadOnlyDictionary<string, int> Lines => _lines;

    /// <summary>The line of the last token taken, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>
    /// Takes the reader's token. True if it opens a new key path, which starts at <paramref name="line"/>. False with a
    /// <paramref name="path"/> if that path was already opened, at <paramref name="line"/>; false without one otherwise.
    /// </summary>
    public bool Take(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? path, out int line)
    {
        Line += content.AsSpan((int)_counted, (int)(reader.TokenStartIndex - _counted)).Count((byte)'\n');
        _counted = reader.TokenStartIndex;
        line = Line;
        path = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                path = _property = Join(_open.Peek().Path, reader.GetString()!);
                return Note(path, ref line);
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _open.Pop();
                return false;
        }
        string place = _property;
        bool element = _open.TryPeek(out (string Path, int Index) outer) && outer.Index >= 0;
        if (element)
        {
            place = path = Join(outer.Path, outer.Index.ToString(CultureInfo.InvariantCulture));
            _open.Pop();
            _open.Push((outer.Path, outer.Index + 1));
        }
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            _open.Push((place, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
        }
        else if (reader.TokenType == JsonTokenType.String)
        {
            // Throws if the bytes are not valid text, as the library that reads the values would.
            _ = reader.GetString();
        }
        return element && Note(path!, ref line);
    }

    private bool Note(string path, ref int line)
    {
        if (_lines.TryAdd(path, line))
        {
            return true;
        }
        line = _lines[path];
        return false;
    }

    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";
}
