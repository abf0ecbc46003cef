using System.Diagnostics.CodeAnalysis;

namespace Concentrator.Tools.Import;

/// <summary>
/// The <c>name="value"</c> pairs of an object. Letter case of names is ignored. Reading a parameter marks it as handled;
/// <see cref="Unasked"/> lists the rest.
/// </summary>
internal sealed class RsyslogParameters
{
    private readonly Dictionary<string, IReadOnlyList<string>> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds a parameter; false if the name already exists.</summary>
    public bool TryAdd(string name, IReadOnlyList<string> values) => _values.TryAdd(name, values);

    /// <summary>The only or first value; null if there is none.</summary>
    public string? this[string name] => Values(name) is [string first, ..] ? first : null;

    /// <summary>All values of an array; empty if there are none.</summary>
    public IReadOnlyList<string> Values(string name)
    {
        _asked.Add(name);
        return _values.TryGetValue(name, out IReadOnlyList<string>? values) ? values : [];
    }

    public bool TryGet(string name, [NotNullWhen(true)] out string? value) => (value = this[name]) is not null;

    /// <summary>Whether the parameter is given and on.</summary>
    public bool IsOn(string name) => SaysOn(this[name]);

    /// <summary>Whether a word means on in either of rsyslog's languages.</summary>
    public static bool SaysOn(string? word) => word?.ToLowerInvariant() is "on" or "yes" or "true" or "1";

    /// <summary>Marks names that have no meaning here as handled; a trailing star matches any ending.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            foreach (string known in _values.Keys)
            {
                if (name.EndsWith('*') ? known.StartsWith(name[..^1], StringComparison.OrdinalIgnoreCase) : known.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    _asked.Add(known);
                }
            }
        }
    }

    /// <summary>The names with this prefix, as written; marks them as handled.</summary>
    public string[] Take(string beginning)
    {
        string[] names = [.. _values.Keys.Where(name => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))];
        _asked.UnionWith(names);
        return names;
    }

    /// <summary>Whether any name has one of these prefixes.</summary>
    public bool HasAny(params IEnumerable<string> beginnings) =>
        beginnings.Any(beginning => _values.Keys.Any(name => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The sentence about unhandled parameters; null if there are none.</summary>
    public string? Unknown => string.Join(", ", Unasked) is { Length: > 0 } names ? NotKnown(names) : null;

    public static string NotKnown(string names) => $"{names}: not known to the import, omitted";

    /// <summary>The parameters not handled, in the order written.</summary>
    public IEnumerable<string> Unasked => _values.Keys.Where(name => !_asked.Contains(name));
}
