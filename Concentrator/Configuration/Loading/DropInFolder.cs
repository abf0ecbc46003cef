using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// The folder <c>conf.d</c> beside a configuration file. Only <c>*.json</c> files are read from it; hidden files and leftovers of
/// editors and package managers are ignored.
/// </summary>
internal static class DropInFolder
{
    public const string Name = "conf.d";

    private const string Ending = ".json";

    /// <summary>The folder beside the file; null if the path is invalid, which is reported when the file is read.</summary>
    public static string? Beside(string file) =>
        !file.Contains('\0', StringComparison.Ordinal) && Path.GetDirectoryName(file) is string folder ? Path.Combine(folder, Name) : null;

    /// <summary>The files read after a main file, in ordinal order of their names; the problem describes a fault of the folder.</summary>
    public static Parsed<string[]> FilesAfter(string file)
    {
        if (Beside(file) is not string folder) return Array.Empty<string>();
        try
        {
            return Directory.EnumerateFileSystemEntries(folder)
                .Where(static path => IsRead(Path.GetFileName(path)))
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

    private static bool IsRead(string name) => !name.StartsWith('.') && name.EndsWith(Ending, StringComparison.Ordinal);
}
