using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Reads a secret that one key gives itself or another key by naming a file. No message of this class shows the secret, nor the file's name
/// where that may be a secret pasted into the wrong place. One layer may give only one of the two keys; a later file or a stronger layer
/// replaces what a weaker one gives.
/// </summary>
/// <param name="key">The key whose value is the secret.</param>
/// <param name="fileKey">The key that names a file with the secret and nothing else.</param>
/// <param name="noun">What it is, for errors: <c>intake key</c>.</param>
/// <param name="exampleFile">A path for errors.</param>
internal sealed class SecretReader(string key, string fileKey, string noun, string exampleFile)
{
    /// <summary>Stands for a secret that is given but wrong, so that it is not also reported as missing. It never leaves the loader.</summary>
    private static readonly Secret Wrong = new("");

    /// <summary>The secret; null if neither key is given.</summary>
    /// <param name="section">The object with the keys.</param>
    /// <param name="isRight">Gets the key that gave it and the text; reports what is wrong with it.</param>
    public Secret? Read(SectionReader section, Func<string, string, bool> isRight) => ReadText(section) switch
    {
        null => null,
        (string source, string text) when isRight(source, text) => new Secret(text) { Place = PlaceOf(section, source) },
        _ => Wrong,
    };

    private string PlaceOf(SectionReader section, string source)
    {
        string path = section.PathOf(source);
        string key = section.Context.Origins.Find(path) is { Text: { } origin } ? $"{section.Context.Origins.Spelling(path)} ({origin})" : path;
        return source == fileKey && section.Text(fileKey) is { } name ? $"{key}, the file {section.Context.FullPath(name)}" : key;
    }

    /// <summary>The text and the key that gave it; a null text was reported. Null if neither key is given.</summary>
    public (string Source, string? Text)? ReadText(SectionReader section)
    {
        bool inFile = section.Has(fileKey);
        if (section.Has(key) && inFile)
        {
            if (section.StrengthOf(key) == section.StrengthOf(fileKey))
            {
                section.Know(key, fileKey);
                section.Error(fileKey, $"is set together with {key}; keep only one of them");
                return (fileKey, null);
            }
            inFile = section.StrengthOf(fileKey) > section.StrengthOf(key);
        }
        string source = inFile ? fileKey : key;
        bool given = inFile || section.Has(key);
        string? text = inFile ? ReadFile(section) : section.Text(key);
        section.Know(key, fileKey);
        return given ? (source, text) : null;
    }

    private string? ReadFile(SectionReader section)
    {
        if (section.Text(fileKey) is not string name) return null;
        bool isPath = name.Contains('/', StringComparison.Ordinal);
        string shown = isPath ? $"the file {Problem.Quote(name)}" : "the file";
        string remedy = $"; name a file that contains the {noun} and nothing else, for example {Problem.Quote(exampleFile)}";
        string file = section.Context.FullPath(name);
        if (!WholeFile.ReadText(file).TryGet(out string? text, out string? problem))
        {
            string make = $"; create it with this command, then paste the {noun.Split(' ')[^1]}, Enter, Ctrl-D: install -m 0600 /dev/stdin {file}";
            section.Error(fileKey, $"{shown} {problem}{(WholeFile.IsRefusal(problem) ? "" : isPath && problem == WholeFile.Missing ? make : remedy)}");
            return null;
        }
        section.Context.HasRead(section.PathOf(fileKey), file);
        string secret = text.Trim();
        section.Context.Errors.Protect(secret);
        if (secret.Length == 0)
        {
            section.Error(fileKey, $"{shown} is empty{remedy}");
            return null;
        }
        SecretFileMode.WarnIfOpenToAll(section, fileKey, file);
        return secret;
    }
}
