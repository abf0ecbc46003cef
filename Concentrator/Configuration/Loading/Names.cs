using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// The names of listeners and outputs. They become metric labels, log fields and folders of the spool, so they may hold only
/// letters, digits, dots, hyphens and underscores. Letter case is ignored, as in all keys.
/// </summary>
internal static class Names
{
    private const int Longest = 64;

    /// <summary>The rule for names, as errors quote it.</summary>
    public static readonly string Rule =
        $"write up to {Longest} letters, digits, dots, hyphens and underscores, a letter or digit first";

    public static bool IsName(string text) =>
        text.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>Reports a name that breaks <see cref="Rule"/>.</summary>
    public static void Check(SectionReader section, string parent)
    {
        if (!IsName(section.Name))
        {
            section.Context.Errors.Add($"{parent}:{section.Name}", $"is not a name; {Rule}, for example \"haproxy.log\"");
        }
    }

    /// <summary>
    /// Maps the names that a route lists to the names as declared; reports unknown and repeated ones.
    /// Null if the route lists none.
    /// </summary>
    public static IReadOnlyList<string>? Resolve(SectionReader route, string key, string kind, IReadOnlyList<string> declared)
    {
        if (route.Texts(key) is not IReadOnlyList<ListEntry> entries)
        {
            return null;
        }
        List<string> names = [];
        foreach (ListEntry entry in entries)
        {
            string? name = declared.FirstOrDefault(candidate => candidate.Equals(entry.Text, StringComparison.OrdinalIgnoreCase));
            if (name is null)
            {
                string known = declared.Count == 0 ? "none is defined" : $"defined: {string.Join(", ", declared)}";
                route.Context.Errors.AddMissing(entry.Path,
                    $"{Problem.Quote(entry.Text)} is not the name of {kind}{NearestName.Hint(entry.Text, declared)} ({known})");
            }
            else if (names.Contains(name))
            {
                route.Context.Errors.Add(entry.Path, $"lists {Problem.Quote(name)} twice; remove one");
            }
            else
            {
                names.Add(name);
            }
        }
        return names;
    }
}
