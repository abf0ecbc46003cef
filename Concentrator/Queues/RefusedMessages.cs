using System.Globalization;

namespace Concentrator.Queues;

/// <summary>
/// Messages that a relay's peer refused for good, put aside below the spool of the output: a file each, holding the frame as it was
/// sent, octet count included, for its owner alone. At most <see cref="Most"/> are kept; they are never sent again by themselves.
/// </summary>
internal static class RefusedMessages
{
    public const int Most = 1000;

    private const string Name = "refused";
    private const string Suffix = ".frame";
    private const string Stamp = "yyyyMMdd'T'HHmmss.fff'Z'";

    /// <summary>Where they are, below the directory of an output's spool.</summary>
    public static string DirectoryOf(string spool) => Path.Combine(spool, Name);

    /// <summary>Puts a frame aside; returns the file's path.</summary>
    /// <exception cref="IOException">It could not be written, or there are <see cref="Most"/> already; the message says which.</exception>
    public static string Keep(string directory, ReadOnlySpan<byte> frame, DateTimeOffset now)
    {
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (List(directory).Count >= Most) throw new IOException($"{directory} holds {Most} already");
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

    /// <summary>The files, the oldest first; none where the directory is not there.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static IReadOnlyList<string> List(string directory) => Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory, "*" + Suffix).Order(StringComparer.Ordinal)]
        : [];
}
