using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Reads one JSON file of the configuration in one pass: the values with their lines, keys given twice, and syntax errors with file,
/// line and column. One instance reads one file, once.
/// </summary>
internal sealed class JsonFileReader
{
    private readonly string _file;
    private readonly int _number;
    private readonly byte[] _content;
    private readonly ConfigurationErrors _errors;

    /// <summary>The line of every key path so far. Paths compare without letter case.</summary>
    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The line of the current token, where it starts, and where the last sound one ended.</summary>
    private int _line = 1, _start, _end;

    private JsonFileReader(string file, int number, byte[] content, ConfigurationErrors errors)
    {
        _file = file;
        _number = number;
        _content = content;
        _errors = errors;
    }

    /// <summary>The object that the file is, in which no key is given twice; null after reporting why it cannot be used.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="number">Its number in the order of reading; the main file is 0.</param>
    /// <param name="remedy">What to do if it cannot be read, for the error.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static JsonValue? Read(string file, int number, string remedy, ConfigurationErrors errors)
    {
        if (WholeFile.ReadConfiguration(file, remedy).TryGet(out byte[]? content, out string? problem))
        {
            return new JsonFileReader(file, number, content, errors).Read();
        }
        errors.AddForFile(file, problem, number);
        return null;
    }

    private JsonValue? Read()
    {
        try
        {
            return ReadObject();
        }
        catch (JsonException) when (RsyslogSyntaxDetector.Fits(_content))
        {
            return Wrong(_file, $"is an rsyslog configuration; translate it first: concentrator import {_file} --output concentrator.json");
        }
        catch (JsonException e) when (e.Message.Contains("is invalid after a value", StringComparison.Ordinal))
        {
            // The library reports the position of the next token, which may follow many lines of comments.
            ReadOnlySpan<byte> before = _content.AsSpan(0, _end);
            return Wrong(
                KeyOrigin.Place(_file, before.Count((byte)'\n') + 1, _end - before.LastIndexOf((byte)'\n')),
                "is not valid JSON: a comma or a closing bracket is missing here");
        }
        catch (JsonException e)
        {
            return Wrong(KeyOrigin.Place(_file, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1), Describe(e));
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.GetString throws this for bytes that are not UTF-8 and for half a surrogate pair.
            return Wrong(KeyOrigin.Place(_file, _line), "contains bytes that are not UTF-8; save the file as UTF-8");
        }
    }

    private JsonValue? ReadObject()
    {
        Utf8JsonReader reader = new(_content, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        Stack<(JsonValue Value, string Path)> open = new();
        JsonValue? root = null;
        bool sound = true;
        string key = "";
        int line = 0;
        while (Advance(ref reader))
        {
            string path = "";
            switch (reader.TokenType)
            {
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    open.Pop();
                    continue;
                case JsonTokenType.PropertyName when reader.ValueTextEquals(""u8):
                    return Wrong(KeyOrigin.Place(_file, _line), "has a key with an empty name; name it or remove it");
                case JsonTokenType.PropertyName:
                    key = reader.GetString()!;
                    line = _line;
                    continue;
            }
            if (open.TryPeek(out (JsonValue Value, string Path) outer))
            {
                if (outer.Value.Kind == JsonTokenType.StartArray)
                {
                    key = outer.Value.Members.Count.ToString(CultureInfo.InvariantCulture);
                    line = _line;
                }
                path = KeyOrigins.Join(outer.Path, key);
                sound &= IsNew(path, line);
            }
            else if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Wrong(KeyOrigin.Place(_file, _line), "must be one JSON object, { … }");
            }
            JsonValue value = new(key, line, reader.TokenType, Text(ref reader));
            outer.Value?.Members.Add(value);
            root ??= value;
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                open.Push((value, path));
            }
        }
        return sound ? root : null;
    }

    private bool Advance(ref Utf8JsonReader reader)
    {
        if (!reader.Read()) return false;
        int start = (int)reader.TokenStartIndex;
        _line += _content.AsSpan(_start, start - _start).Count((byte)'\n');
        _start = start;
        _end = (int)reader.BytesConsumed;
        return true;
    }

    private static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => bool.TrueString,
        JsonTokenType.False => bool.FalseString,
        JsonTokenType.StartArray => "",
        _ => null,
    };

    private bool IsNew(string path, int line)
    {
        if (_lines.TryAdd(path, line)) return true;
        int first = _lines[path];
        _errors.Add(new KeyOrigin(KeyOrigin.Place(_file, first), first, Layer.Base, path, _number), path, $"is given twice, on lines {first} and {line}; remove one");
        return false;
    }

    private JsonValue? Wrong(string place, string problem)
    {
        _errors.AddForFile(place, problem, _number);
        return null;
    }

    private string Describe(JsonException e)
    {
        // The library quotes a whole bare word, which may be an unquoted secret; its other messages quote only one character.
        return _content.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0
            ? "is empty; a configuration is one JSON object, { … }"
            : e.Message.Contains("no JSON tokens", StringComparison.Ordinal)
                || e.Message.Contains("does not contain any JSON tokens", StringComparison.Ordinal)
                ? "contains only comments; a configuration is one JSON object, { … }"
            : e.Message.Contains("invalid JSON literal", StringComparison.Ordinal)
                ? "is not valid JSON: a word here lacks its double quotes"
            : $"is not valid JSON: {WithoutPosition(e.Message)}";
    }

    private static string WithoutPosition(string message)
    {
        int position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }
}
