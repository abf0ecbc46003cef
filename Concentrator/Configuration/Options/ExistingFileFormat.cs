using Concentrator.Messages.Parsing;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Configuration.Options;

/// <summary>
/// The format of a file output that names none: that of the lines already in the file or in its rotated siblings, so that a file
/// keeps its format when the server replaces another program. Reads at most 64 KB of each of four files.
/// </summary>
internal static class ExistingFileFormat
{
    /// <summary>Used if nothing is written yet: rsyslog's format on Debian 12, 13 and sid (RSYSLOG_FileFormat).</summary>
    public const FileFormat Default = FileFormat.Rfc3339;

    private const int Looked = 64 * 1024;
    private const int MostSiblings = 3;

    /// <summary>Returns the options with a format for every file output.</summary>
    /// <param name="running">Files of these options keep their format; null at the start.</param>
    /// <param name="found">Called for each output that named no format, with its format and the file that showed it, or null.</param>
    public static ServerOptions Settle(ServerOptions options, ServerOptions? running, Action<FileOutputOptions, string?> found) => options with
    {
        Outputs = [.. options.Outputs.Select(output => output is FileOutputOptions { Format: null } file ? Settle(file, running, found) : output)],
    };

    /// <summary>The format of the last lines of that file or of a rotated sibling, and the file that showed it.</summary>
    /// <returns>Null if there are none, they cannot be read, or their format does not begin with a time.</returns>
    public static (FileFormat Format, string File)? Find(string path)
    {
        foreach (string file in Siblings(path).Prepend(path))
        {
            if (FormatIn(file) is FileFormat format) return (format, file);
        }
        return null;
    }

    private static FileOutputOptions Settle(FileOutputOptions file, ServerOptions? running, Action<FileOutputOptions, string?> found)
    {
        FileOutputOptions? before = running?.Outputs.OfType<FileOutputOptions>().FirstOrDefault(other => other.Path == file.Path);
        if (before is not null) return file with { Format = before.Format };
        (FileFormat Format, string File)? seen = Find(file.Path);
        FileOutputOptions settled = file with { Format = seen?.Format ?? Default };
        found(settled, seen?.File);
        return settled;
    }

    /// <summary>Files that logrotate rotated (<c>haproxy.log.1</c>, <c>haproxy.log-20261128</c>), newest first.</summary>
    private static IEnumerable<string> Siblings(string path)
    {
        string name = Path.GetFileName(path);
        try
        {
            return
            [
                .. new DirectoryInfo(Path.GetDirectoryName(path) ?? "/").EnumerateFiles()
                    .Where(file => file.Name.Length > name.Length && file.Name.StartsWith(name, StringComparison.Ordinal) && file.Name[name.Length] is '.' or '-')
                    .OrderByDescending(static file => file.LastWriteTimeUtc)
                    .Take(MostSiblings)
                    .Select(static file => file.FullName),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The directory does not exist yet or cannot be listed, so nothing shows a format.
            return [];
        }
    }

    private static FileFormat? FormatIn(string file)
    {
        try
        {
            // A pipe, a device or a socket has no length, and opening one might block.
            if (new FileInfo(file).Length == 0) return null;
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[Looked];
            bool isWhole = stream.Length <= Looked;
            if (!isWhole) stream.Position = stream.Length - Looked;
            Span<byte> end = bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            return LastFormat(isWhole ? end : end[(end.IndexOf((byte)'\n') + 1)..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The format of the last line that has one.</summary>
    private static FileFormat? LastFormat(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            int start = lines.LastIndexOf((byte)'\n') + 1;
            if (FormatOf(lines[start..]) is FileFormat format) return format;
            lines = lines[..Math.Max(start - 1, 0)];
        }
        return null;
    }

    private static FileFormat? FormatOf(ReadOnlySpan<byte> line)
    {
        if (IsFollowedByBlank(line, Rfc3339.Match(line, out _))) return FileFormat.Rfc3339;
        if (IsFollowedByBlank(line, BsdTime.Match(line, yearMayFollow: false))) return FileFormat.Traditional;
        return Priority.TryRead(line, out _, out int length, out _) && line[length..].StartsWith("1 "u8) ? FileFormat.Rfc5424 : null;
    }

    private static bool IsFollowedByBlank(ReadOnlySpan<byte> line, int length) => length > 0 && length < line.Length && line[length] == ' ';
}
