using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>A file that holds a key, which only its owner and perhaps its group should be able to read.</summary>
internal static class SecretFile
{
    /// <summary>Warns if every user of this host can read the file.</summary>
    /// <param name="section">The object whose key names the file.</param>
    /// <param name="key">That key.</param>
    /// <param name="file">The full path of a file that has just been read.</param>
    public static void WarnIfOpenToAll(SectionReader section, string key, string file)
    {
        if (ModeOpenToAll(file) is { } mode)
        {
            section.Warn(key, $"{Problem.Quote(file)} has mode {FileModeParser.Format(mode)}: every user on this host can read the key; run: chmod 0600 {file}");
        }
    }

    /// <summary>The file's mode if that and the directories above let everyone read it; else null.</summary>
    private static UnixFileMode? ModeOpenToAll(string file)
    {
        try
        {
            UnixFileMode mode = File.GetUnixFileMode(file);
            if ((mode & UnixFileMode.OtherRead) == 0) return null;
            for (string? above = Path.GetDirectoryName(file); above is not null; above = Path.GetDirectoryName(above))
            {
                if ((File.GetUnixFileMode(above) & UnixFileMode.OtherExecute) == 0) return null;
            }
            return mode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file was removed in the meantime: what was read is still valid, and there is nothing left to warn of.
            return null;
        }
    }
}
