namespace Concentrator.Configuration.Loading;

/// <summary>Reads a whole configuration file, whatever it is written in.</summary>
internal static class SourceFile
{
    /// <summary>A thousand listeners fit; <c>/dev/zero</c> does not.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The bytes without byte order mark; a problem says what is wrong with the file without naming it.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="remedy">What to do where it cannot be read.</param>
    public static Parsed<byte[]> Read(string file, string remedy)
    {
        try
        {
            if (Directory.Exists(file))
            {
                return new Problem($"is a directory, not a file; {remedy}");
            }
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using MemoryStream content = new();
            byte[] buffer = new byte[64 * 1024];
            for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
            {
                content.Write(buffer, 0, read);
                if (content.Length > MaxBytes)
                {
                    return new Problem($"is larger than {ByteSize.Format(MaxBytes)}; {remedy}");
                }
            }
            byte[] bytes = content.ToArray();
            return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Problem($"does not exist; {remedy}");
        }
        catch (UnauthorizedAccessException)
        {
            return new Problem($"may not be read by user {Environment.UserName}; give that user read permission, or {remedy}");
        }
        catch (IOException e)
        {
            return new Problem($"cannot be read ({e.Message}); {remedy}");
        }
    }
}
