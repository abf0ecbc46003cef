using System.Globalization;
using System.Text;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Values;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Concentrator.Configuration.Intakes;

/// <summary>
/// Reads an <c>intakes.yaml</c> event by event, so that every value has its line and everything that YAML silently merges or ignores
/// (a duplicate key, a second document, an alias) is reported. One instance reads one file, once.
/// </summary>
internal sealed class IntakesReader
{
    public const string Section = "intakes";

    /// <summary>A valid file has five levels: the stream, the document, the root, the list, an intake.</summary>
    private const int MostDepth = 10;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _file;
    private readonly KeyOrigins _origins;
    private readonly ConfigurationErrors _errors;
    private readonly List<IntakeEntry> _entries = [];
    private readonly YamlEvents _yaml;

    private IntakesReader(string file, string text, KeyOrigins origins, ConfigurationErrors errors)
    {
        _file = file;
        _origins = origins;
        _errors = errors;
        _yaml = new YamlEvents(text, MostDepth);
    }

    /// <summary>The entries in order, or null after reporting what is wrong with the file as a whole.</summary>
    public static IReadOnlyList<IntakeEntry>? Read(string file, byte[] content, KeyOrigins origins, ConfigurationErrors errors)
    {
        int nul = content.AsSpan().IndexOf((byte)0);
        if (nul >= 0)
        {
            errors.AddForFile(Place(file, content.AsSpan(0, nul).Count((byte)'\n') + 1), "contains a NUL byte; save the file as text");
            return null;
        }
        try
        {
            IntakesReader reader = new(file, StrictUtf8.GetString(content), origins, errors);
            return reader.ReadDocument() ? reader._entries : null;
        }
        catch (DecoderFallbackException)
        {
            errors.AddForFile(file, "contains bytes that are not UTF-8; save the file as UTF-8");
        }
        catch (YamlException e)
        {
            // The library's messages describe the place and quote none of the text there.
            errors.AddForFile(Place(file, (int)e.Start.Line, (int)e.Start.Column), $"is not valid YAML: {e.Message}");
        }
        return null;
    }

    private bool ReadDocument()
    {
        _yaml.Advance();
        _yaml.Advance();
        if (_yaml.Current is StreamEnd)
        {
            _errors.AddForFile(_file, $"is empty; add at least one intake under \"{Section}:\"");
            return false;
        }
        _yaml.Advance();
        if (_yaml.Current is not MappingStart)
        {
            _errors.AddForFile(Place(_file, _yaml.Line), $"must be one mapping with the key \"{Section}\" and a list of intakes under it");
            return false;
        }
        bool found = ReadRoot();
        _yaml.Advance();
        if (_yaml.Current is not StreamEnd)
        {
            _errors.AddForFile(Place(_file, _yaml.Line), "starts a second document; put all intakes into one");
        }
        return found;
    }

    /// <summary>Reads from the start of the root's mapping to the end of its document.</summary>
    private bool ReadRoot()
    {
        int? first = null;
        for (_yaml.Advance(); _yaml.Current is not MappingEnd; _yaml.Advance())
        {
            int line = _yaml.Line;
            string? key = (_yaml.Current as Scalar)?.Value;
            if (key != Section)
            {
                _errors.AddForFile(Place(_file, line), key is null
                    ? $"has a key that is not a string; the only key allowed here is \"{Section}\""
                    : $"{key}: is not a known key; the only key allowed here is \"{Section}\"");
                _yaml.SkipNode();
                _yaml.Advance();
                _yaml.SkipNode();
                continue;
            }
            _yaml.Advance();
            if (first is not null)
            {
                _errors.AddForFile(Place(_file, line), $"{Section}: is given twice, on lines {first} and {line}; write one list");
                _yaml.SkipNode();
                continue;
            }
            first = line;
            _origins.Record(Section, Place(_file, line), line, Layer.Base);
            ReadList();
        }
        _yaml.Advance();
        if (first is null)
        {
            _errors.AddForFile(_file, $"has no key \"{Section}\"; put the list of intakes under it");
        }
        return first is not null;
    }

    private void ReadList()
    {
        if (_yaml.Current is not SequenceStart)
        {
            _errors.Add(Section, IsNull(_yaml.Current) ? "is empty; add at least one intake"
                : "is not a list; start each intake with a hyphen, for example \"- name: Techno1\"");
            _yaml.SkipNode();
            return;
        }
        for (_yaml.Advance(); _yaml.Current is not SequenceEnd; _yaml.Advance())
        {
            ReadEntry();
        }
        if (_entries.Count == 0)
        {
            _errors.Add(Section, "is empty; add at least one intake");
        }
    }

    private void ReadEntry()
    {
        Dictionary<string, IntakeField> fields = new(StringComparer.Ordinal);
        IntakeEntry entry = new(_entries.Count, _yaml.Line, fields);
        _entries.Add(entry);
        _origins.Record(entry.Path, Place(_file, entry.Line), entry.Line, Layer.Base);
        if (_yaml.Current is not MappingStart)
        {
            _errors.Add(entry.Path, "is not an intake; write its fields as \"name: value\", one per line");
            _yaml.SkipNode();
            return;
        }
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (_yaml.Advance(); _yaml.Current is not MappingEnd; _yaml.Advance())
        {
            ReadField(entry, fields, seen);
        }
    }

    /// <summary>Reads one field. The value of an unknown field is not shown, because it may be a mistyped secret.</summary>
    private void ReadField(IntakeEntry entry, Dictionary<string, IntakeField> fields, HashSet<string> seen)
    {
        if (_yaml.Current is not Scalar name)
        {
            _errors.Add(entry.Path, $"has a field whose name is not a string (known fields: {string.Join(", ", IntakeFields.All)})");
            _yaml.SkipNode();
            _yaml.Advance();
            _yaml.SkipNode();
            return;
        }
        string path = entry.PathOf(name.Value);
        int line = _yaml.Line;
        bool isNew = seen.Add(name.Value);
        bool isKnown = IntakeFields.All.Contains(name.Value, StringComparer.Ordinal);
        if (isNew)
        {
            _origins.Record(path, Place(_file, line), line, Layer.Base);
        }
        if (!isKnown)
        {
            _errors.Add(path, $"is not a known field; the nearest is \"{NearestName.Find(name.Value, IntakeFields.All)}\" "
                + $"(known fields: {string.Join(", ", IntakeFields.All)})");
        }
        else if (!isNew)
        {
            _errors.Add(path, $"is given twice, the second time on line {line}; remove one");
        }
        _yaml.Advance();
        if (_yaml.Current is Scalar value)
        {
            if (name.Value == IntakeFields.Key)
            {
                _errors.Protect(value.Value);
            }
            if (isKnown && !IsNull(value))
            {
                fields.TryAdd(name.Value, new IntakeField(value.Value.Trim(), line));
            }
            return;
        }
        _errors.Add(path, _yaml.Current is AnchorAlias
            ? "is an alias, which is not supported; write the value itself"
            : "is a list or a mapping; write one value");
        _yaml.SkipNode();
    }

    private static bool IsNull(ParsingEvent? current) =>
        current is Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };

    private static string Place(string file, int line) => string.Create(CultureInfo.InvariantCulture, $"{file}:{line}");

    private static string Place(string file, int line, int column) => string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}");
}
