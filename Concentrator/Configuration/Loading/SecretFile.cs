using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>A file with a key in it, which is nobody's business but its owner's and perhaps its group's.</summary>
internal static class SecretFile
{
    /// <summary>Warns where every user of this host can read it.</summary>
    /// <param name="section">The object whose key names the file.</param>
    /// <param name="key">That key.</param>
    /// <param name="file">The full path of a file that has just been read.</param>
    public static void WarnIfOpenToAll(SectionReader section, string key, string file)
    {
        if (ModeOpenToAll(file) is { } mode)
        {
            section.Warn(key, $"{Problem.Quote(file)} has mode {FileModeParser.Format(mode)}: every user of this host can read the key; run: chmod 0600 {file}");
        }
    }

    /// <summary>Its mode if that lets everybody read, and so do the directories above; else null.</summary>
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
            // It was removed since: what was read of it is still right, and there is nothing left to warn of.
            return null;
        }
    }
}
