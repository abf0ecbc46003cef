using Concentrator.Configuration.Values;
using Microsoft.Extensions.Configuration;

namespace Concentrator.Configuration.Loading;

/// <summary>One entry of a list, and the path that errors name for it.</summary>
internal sealed record ListEntry(string Path, string Text);

/// <summary>
/// Reads one object of the configuration. Every key asked for becomes a known key; <see cref="Finish"/> then reports all
/// others. A problem is reported when it is met and the fallback returned, so that reading continues and finds the rest.
/// JSON <c>null</c> always means the default.
/// </summary>
internal sealed class SectionReader
{
    private readonly LoadContext _context;
    private readonly IConfiguration _section;
    private readonly string _path;
    private readonly List<string> _known = [];
    private readonly List<string> _refused = [];

    public SectionReader(LoadContext context, IConfiguration section)
    {
        _context = context;
        _section = section;
        _path = (section as IConfigurationSection)?.Path ?? "";
        string spelling = context.Origins.Spelling(_path);
        Name = spelling[(spelling.LastIndexOf(':') + 1)..];
    }

    /// <summary>The last part of the path: the name of a listener or an output.</summary>
    public string Name { get; }

    public LoadContext Context => _context;

    public string PathOf(string key) => KeyOrigins.Join(_path, key);

    /// <summary>Whether the key has a value other than null.</summary>
    public bool Has(string key) => _section.GetSection(key).Value is not null || Children(key).Count > 0;

    /// <summary>Whether the key is written at all, even with null.</summary>
    public bool Mentions(string key) => _section.GetChildren().Any(child => child.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the key has a non-empty list or object that no stronger single value overrides.</summary>
    public bool HasList(string key)
    {
        IConfigurationSection section = _section.GetSection(key);
        List<IConfigurationSection> children = Children(key);
        return children.Count > 0 && (section.Value is null || children.Exists(child => StrengthOf(child) >= StrengthOf(section)));
    }

    /// <summary>Whether the key's value is <c>[]</c> (or an empty text).</summary>
    public bool HasEmptyList(string key) => _section.GetSection(key).Value is "" && Children(key).Count == 0;

    /// <summary>The strength of the layer that set the key (<see cref="KeyOrigin.Strength"/>).</summary>
    public int StrengthOf(string key) => StrengthOf(_section.GetSection(key));

    public void Error(string key, string problem) => _context.Errors.Add(PathOf(key), problem);

    /// <summary>Reports that a required key is missing.</summary>
    public void Missing(string key, string problem) => _context.Errors.AddMissing(PathOf(key), problem);

    public void Warn(string key, string problem) => _context.Errors.Warn(PathOf(key), problem);

    /// <summary>Adds keys that this kind of object can have, for the suggestions of <see cref="Finish"/>.</summary>
    public void Know(params IEnumerable<string> keys) => _known.AddRange(keys);

    /// <summary>One value as text, never empty; null if there is none.</summary>
    public string? Text(string key)
    {
        Know(key);
        IConfigurationSection section = _section.GetSection(key);
        if (Children(key).Count > 0)
        {
            Error(key, "is a list or an object; write one value");
            return null;
        }
        if (section.Value is "")
        {
            Error(key, "is empty; write a value, or omit the key to use its default");
            return null;
        }
        return section.Value;
    }

    /// <summary>One value, or <paramref name="fallback"/> if it is missing or invalid.</summary>
    public T Value<T>(string key, Func<string, Parsed<T>> parse, T fallback) =>
        Text(key) is string text ? parse(text).Or(fallback, problem => Error(key, problem)) : fallback;

    /// <summary>One required value; if it is missing, the error says <paramref name="remedy"/>.</summary>
    public string? Required(string key, string remedy)
    {
        if (!Has(key))
        {
            Know(key);
            Missing(key, $"is missing; {remedy}");
            return null;
        }
        return Text(key);
    }

    /// <summary>
    /// A list: an array, or one text with commas, which is the only way a single environment variable can hold several.
    /// Null if there is none; empty for <c>[]</c>. Elements that are not texts are reported and left out.
    /// </summary>
    public IReadOnlyList<ListEntry>? Texts(string key)
    {
        Know(key);
        IConfigurationSection section = _section.GetSection(key);
        if (section.Value is string text && !HasList(key))
        {
            // Microsoft.Extensions.Configuration flattens an empty array to an empty text.
            string[] parts = text.Length == 0 ? [] : text.Split(',', StringSplitOptions.TrimEntries);
            return Entries(parts.Select(part => new ListEntry(PathOf(key), part)));
        }
        List<IConfigurationSection> children = Children(key);
        return children.Count == 0 ? null
            : Entries(children.Select(child => new ListEntry(child.Path, child.GetChildren().Any() ? "" : child.Value ?? "")));
    }

    /// <summary>The object at the key, empty if there is none.</summary>
    public SectionReader Object(string key)
    {
        Know(key);
        return OpenChild(_section.GetSection(key));
    }

    /// <summary>
    /// Whether the key is <c>true</c> or an object; false if it is <c>false</c> or missing. For keys that are switched on, with or without
    /// more to say (<see cref="ObjectOrEmpty"/>). <c>{}</c> is an error: it cannot be told from null, and would mean the opposite.
    /// </summary>
    public bool SwitchOrObject(string key)
    {
        Know(key);
        if (Has(key)) return Children(key).Count > 0 || Value(key, Choices.Switch.Parse, false);
        if (Mentions(key)) Error(key, "is empty; write true, false, or an object with at least one key");
        return false;
    }

    /// <summary>The object at the key; empty if there is none, or one value.</summary>
    public SectionReader ObjectOrEmpty(string key)
    {
        Know(key);
        return new SectionReader(_context, _section.GetSection(key));
    }

    /// <summary>The objects directly below this one, by name.</summary>
    public IReadOnlyList<SectionReader> Objects() => [.. _section.GetChildren().Select(OpenChild)];

    /// <summary>The objects below the one at the key. There must be at least one; the error says <paramref name="remedy"/>.</summary>
    public IReadOnlyList<SectionReader> RequiredObjects(string key, string remedy)
    {
        IReadOnlyList<SectionReader> objects = Object(key).Objects();
        if (objects.Count == 0 && (!Has(key) || HasEmptyList(key)))
        {
            Missing(key, $"is missing or empty; {remedy}");
        }
        return objects;
    }

    /// <summary>Reports a key that has no effect here because it belongs to other kinds of object.</summary>
    public void Refuse(string key, string reason, string remedy = "remove it")
    {
        _refused.Add(key);
        if (Has(key))
        {
            Error(key, $"{reason}; {remedy}");
        }
    }

    /// <summary>Reports every unknown key. Its value is not shown, because it may be a mistyped secret.</summary>
    public void Finish()
    {
        List<string> known = [.. _known.Distinct(StringComparer.OrdinalIgnoreCase).Except(_refused, StringComparer.OrdinalIgnoreCase)];
        foreach (IConfigurationSection child in _section.GetChildren())
        {
            if (!known.Concat(_refused).Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                Error(child.Key, $"is not a known key; the nearest is \"{NearestName.Find(child.Key, known)}\" "
                    + $"(known keys: {string.Join(", ", known)})");
            }
        }
    }

    private SectionReader OpenChild(IConfigurationSection section)
    {
        SectionReader child = new(_context, section);
        if (!string.IsNullOrEmpty(section.Value))
        {
            _context.Errors.Add(section.Path, "is a single value; write an object, { … }");
        }
        return child;
    }

    private List<ListEntry> Entries(IEnumerable<ListEntry> entries)
    {
        List<ListEntry> sound = [];
        foreach (ListEntry entry in entries)
        {
            if (entry.Text.Length == 0)
            {
                _context.Errors.Add(entry.Path, "has an entry that is empty or not a string; "
                    + "write strings only, for example [ \"one\", \"two\" ]");
            }
            else
            {
                sound.Add(entry);
            }
        }
        return sound;
    }

    private List<IConfigurationSection> Children(string key) => [.. _section.GetSection(key).GetChildren()];

    private int StrengthOf(IConfigurationSection section) => _context.Origins.Find(section.Path)?.Strength ?? 0;
}
