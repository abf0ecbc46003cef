namespace Concentrator.Configuration.Loading;

/// <summary>Reads the small files that a configuration points to: keys and certificates.</summary>
internal static class TextFile
{
    /// <summary>A system's whole bundle of authorities has a quarter of this.</summary>
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The text of the file; a problem says what is wrong with it without naming it.</summary>
    public static Parsed<string> Read(string file)
    {
        try
        {
            if (Directory.Exists(file))
            {
                return new Problem("is a directory, not a file");
            }
            using StreamReader reader = new(file);
            char[] buffer = new char[MaxBytes];
            int length = reader.ReadBlock(buffer);
            return length < MaxBytes ? new string(buffer, 0, length) : new Problem($"is larger than {ByteSize.Format(MaxBytes)}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Problem("does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            return new Problem($"may not be read by user {Environment.UserName}");
        }
        catch (IOException e)
        {
            return new Problem($"cannot be read ({e.Message})");
        }
    }
}
