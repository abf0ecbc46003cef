using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// A configuration file and the directory beside it, whose files are read after it. Only <c>*.json</c> files are read from it;
/// hidden files and leftovers of editors and package managers are ignored.
/// </summary>
internal static class ConfigurationFiles
{
    public const string Folder = "conf.d";

    private const string Ending = ".json";

    /// <summary>
    /// The keys of all files that can be read; problems of the others are reported. Null if no file can be read.
    /// </summary>
    /// <param name="file">The main file.</param>
    /// <param name="origins">Records where each key comes from.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="parts">The files beside it, in the order of reading.</param>
    public static IReadOnlyDictionary<string, string?>? Read(
        string file, KeyOrigins origins, ConfigurationErrors errors, out IReadOnlyList<string> parts)
    {
        List<ConfigurationText> texts = [];
        if (!Parts(file).TryGet(out string[]? found, out string? problem))
        {
            errors.AddForFile(FolderOf(file)!, problem);
            errors.SomethingIsUnread = true;
        }
        parts = found ?? [];
        Take(ConfigurationFile.Read(file, 0, "name a readable JSON file with --config FILE", errors));
        for (int i = 0; i < parts.Count; i++)
        {
            Take(ConfigurationFile.Read(parts[i], i + 1, $"remove it from {Folder}", errors));
        }
        FileKeys keys = new(origins);
        foreach (ConfigurationText text in texts)
        {
            keys.Add(text);
        }
        return texts.Count == 0 ? null : keys.Values;

        void Take(ConfigurationText? text)
        {
            if (text is null)
            {
                errors.SomethingIsUnread = true;
            }
            else
            {
                texts.Add(text);
            }
        }
    }

    /// <summary>The files read after a main file, in ordinal order of their names; the problem describes a fault of the folder.</summary>
    public static Parsed<string[]> Parts(string file)
    {
        if (FolderOf(file) is not string folder)
        {
            return Array.Empty<string>();
        }
        try
        {
            return Directory.EnumerateFileSystemEntries(folder)
                .Where(static path => IsPart(Path.GetFileName(path)))
                .OrderBy(static path => Path.GetFileName(path), StringComparer.Ordinal)
                .ToArray();
        }
        catch (DirectoryNotFoundException)
        {
            return Array.Empty<string>();
        }
        catch (UnauthorizedAccessException)
        {
            return new Problem($"cannot be listed by user {Environment.UserName}; grant that user read permission");
        }
        catch (IOException e)
        {
            return new Problem($"cannot be listed ({e.Message}); it must be a directory of configuration files");
        }
    }

    /// <summary>The folder beside the file; null if the path is invalid, which is reported when the file is read.</summary>
    private static string? FolderOf(string file) =>
        !file.Contains('\0', StringComparison.Ordinal) && Path.GetDirectoryName(file) is string beside ? Path.Combine(beside, Folder) : null;

    private static bool IsPart(string name) => !name.StartsWith('.') && name.EndsWith(Ending, StringComparison.Ordinal);
}
