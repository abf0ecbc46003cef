namespace Concentrator.Configuration.Loading;

/// <summary>An environment variable that sets a configuration key.</summary>
/// <param name="Name">The variable's whole name.</param>
/// <param name="Path">The key path it stands for.</param>
/// <param name="Value">May be a secret.</param>
internal sealed record KeyVariable(string Name, string Path, string Value)
{
    /// <summary>All such variables, by name. Two that differ only in letter case are an error: neither would reliably win.</summary>
    public static List<KeyVariable> FindAll(ConfigurationEnvironment environment, ConfigurationErrors errors)
    {
        Dictionary<string, KeyVariable> byPath = new(StringComparer.OrdinalIgnoreCase);
        IEnumerable<string> names = environment.Variables.Keys
            .Where(static name => name.StartsWith(ConfigurationEnvironment.Prefix, StringComparison.OrdinalIgnoreCase));
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            string path = name[ConfigurationEnvironment.Prefix.Length..].Replace("__", ":", StringComparison.Ordinal);
            if (path.Split(':').Any(part => part.Length == 0))
            {
                errors.AddForFile($"environment variable {name}", "does not name a key; write, for example, CONCENTRATOR__Spool__MaxSize");
            }
            else if (!byPath.TryAdd(path, new KeyVariable(name, path, environment.Variables[name])))
            {
                errors.AddForFile($"environment variable {name}", $"sets the same key as {byPath[path].Name}; remove one");
            }
        }
        return [.. byPath.Values];
    }

    /// <summary>The name only; the value may be a secret.</summary>
    public override string ToString() => Name;
}
