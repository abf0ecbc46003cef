using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads the small files that a configuration points to: keys and certificates.</summary>
internal static class TextFile
{
    /// <summary>A system's whole CA bundle is a quarter of this.</summary>
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The text of the file; the problem says what is wrong with it without naming it.</summary>
    public static Parsed<string> Read(string file)
    {
        if (!PlainFile.Open(file).TryGet(out FileStream? opened, out string? problem))
        {
            return new Problem(problem);
        }
        try
        {
            using StreamReader reader = new(opened);
            char[] buffer = new char[MaxBytes];
            int length = reader.ReadBlock(buffer);
            return length < MaxBytes ? new string(buffer, 0, length) : new Problem($"is larger than {ByteSize.Format(MaxBytes)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem($"cannot be read ({e.Message})");
        }
    }
}
