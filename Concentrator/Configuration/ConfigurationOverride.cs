using System.Diagnostics.CodeAnalysis;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration;

/// <summary>One configuration key given on the command line, as in <c>--Spool:MaxSize=1GB</c>.</summary>
internal sealed record ConfigurationOverride(string Key, string Value)
{
    /// <summary>Keys without a section; without a colon they look like mistyped options, so they are listed.</summary>
    private static readonly string[] TopKeys = [ServerReader.ShutdownTimeoutKey];

    /// <summary>
    /// Reads the arguments that the command line parser did not recognise: <c>--Section:Key=value</c> or
    /// <c>--Section:Key value</c>.
    /// </summary>
    /// <param name="arguments">In their order.</param>
    /// <param name="words">The known commands and options, for a suggestion.</param>
    /// <param name="overrides">On success, all of them.</param>
    /// <param name="problem">On failure, one line about the first that is wrong; it shows no value.</param>
    public static bool TryParse(
        IReadOnlyList<string> arguments,
        IEnumerable<string> words,
        out IReadOnlyList<ConfigurationOverride> overrides,
        [NotNullWhen(false)] out string? problem)
    {
        List<ConfigurationOverride> found = [];
        overrides = found;
        problem = null;
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument : argument[..equals];
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                problem = $"unexpected argument {Problem.Quote(name)}{NearestName.Hint(name, words)}; see --help";
                return false;
            }
            string key = name[2..];
            bool isKey = key.Contains(':', StringComparison.Ordinal) || TopKeys.Contains(key, StringComparer.OrdinalIgnoreCase);
            if (!isKey || key.Split(':').Any(part => part.Length == 0))
            {
                problem = $"unknown option {Problem.Quote(name)}{NearestName.Hint(name, words)}; "
                    + "configuration keys are given as --Section:Key=value, for example --Spool:MaxSize=1GB";
                return false;
            }
            if (equals < 0 && (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)))
            {
                problem = $"option {name} has no value; write {name}=VALUE";
                return false;
            }
            found.Add(new ConfigurationOverride(key, equals < 0 ? arguments[++i] : argument[(equals + 1)..]));
        }
        return true;
    }

    /// <summary>Only the key; the value may be a secret.</summary>
    public override string ToString() => $"--{Key}";
}
