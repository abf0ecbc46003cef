using System.Globalization;

namespace Concentrator.Queues;

/// <summary>
/// Messages that a relay's peer refused permanently, stored below the spool of the output: one file each, with the frame as it was
/// sent, MSG-LEN included, readable only by its owner. At most <see cref="Most"/> are kept; they are never resent automatically.
/// </summary>
internal static class RefusedMessages
{
    public const int Most = 1000;

    private const string Name = "refused";
    private const string Suffix = ".frame";
    private const string Stamp = "yyyyMMdd'T'HHmmss.fff'Z'";

    /// <summary>Directory of the refused messages, below that of an output's spool.</summary>
    public static string DirectoryOf(string spool) => Path.Combine(spool, Name);

    /// <summary>Stores a frame in a new file and returns its path.</summary>
    /// <exception cref="IOException">It could not be written, or there are already <see cref="Most"/>; the message says which.</exception>
    public static string Keep(string directory, ReadOnlySpan<byte> frame, DateTimeOffset now)
    {
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (List(directory).Count >= Most) throw new IOException($"{directory} already contains {Most} messages");
            string time = now.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture);
            for (int number = 0; ; number++)
            {
                string path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{time}-{number:D3}{Suffix}"));
                if (File.Exists(path)) continue;
                FileStreamOptions options = new()
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                };
                using FileStream file = new(path, options);
                file.Write(frame);
                file.Flush(flushToDisk: true);
                return path;
            }
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException(denied.Message, denied);
        }
    }

    /// <summary>Lists the files, oldest first; empty when the directory does not exist.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory cannot be read.</exception>
    public static IReadOnlyList<string> List(string directory) => Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory, "*" + Suffix).Order(StringComparer.Ordinal)]
        : [];
}
