using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads a whole configuration file in any syntax.</summary>
internal static class SourceFile
{
    /// <summary>A thousand listeners fit; <c>/dev/zero</c> does not.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The bytes without byte order mark; the problem says what is wrong with the file without naming it.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="remedy">What to do if it cannot be read, for the problem.</param>
    public static Parsed<byte[]> Read(string file, string remedy)
    {
        if (!PlainFile.Open(file).TryGet(out FileStream? opened, out string? problem))
        {
            return new Problem($"{problem}{(PlainFile.IsRefusal(problem) ? ", or" : ";")} {remedy}");
        }
        try
        {
            using FileStream stream = opened;
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem($"cannot be read ({e.Message}); {remedy}");
        }
    }
}
