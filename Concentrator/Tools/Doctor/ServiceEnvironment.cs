using System.Text;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// The environment that a unit gives its service. Without systemd's own variables, and those whose values <c>systemctl show</c> does not
/// print, as some versions do for values with a space.
/// </summary>
internal static class ServiceEnvironment
{
    /// <param name="unit">A state with <c>Environment</c> and <c>EnvironmentFiles</c>.</param>
    public static IReadOnlyDictionary<string, string> Of(UnitState unit)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (string word in Split(unit.Property("Environment"))) Take(variables, word);

        // FILE (ignore_errors=yes), one per line. A file's value overrides the unit's.
        foreach (string line in unit.Property("EnvironmentFiles").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int end = line.LastIndexOf(" (", StringComparison.Ordinal);
            foreach (string setting in (ProcFile.TryRead(end < 0 ? line : line[..end]) ?? "").Split('\n', StringSplitOptions.TrimEntries))
                if (setting.Length > 0 && setting[0] is not ('#' or ';')) Take(variables, Unquote(setting));
        }
        return variables;
    }

    private static void Take(Dictionary<string, string> variables, string setting)
    {
        if (setting.Split('=', 2) is [{ Length: > 0 } name, var value]) variables[name] = value;
    }

    /// <summary>Removes the quotes around a value. In a file, only the value may be quoted.</summary>
    private static string Unquote(string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        string value = setting[(equals + 1)..].Trim();
        return equals > 0 && value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0] ? $"{setting[..equals]}={value[1..^1]}" : setting;
    }

    /// <summary>Splits at blanks. A word with blanks is in double quotes, in which a backslash escapes.</summary>
    private static IEnumerable<string> Split(string line)
    {
        StringBuilder word = new();
        bool isQuoted = false;
        for (int at = 0; at < line.Length; at++)
        {
            char c = line[at];
            if (c == '\\' && at + 1 < line.Length) word.Append(line[++at]);
            else if (c == '"') isQuoted = !isQuoted;
            else if (c != ' ' || isQuoted) word.Append(c);
            else
            {
                yield return word.ToString();
                word.Clear();
            }
        }
        yield return word.ToString();
    }
}
