using Concentrator.Messages.Parsing;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Configuration.Options;

/// <summary>
/// The format of a file output that names none: that of the lines which the file holds already, or its rotated siblings, so that a file
/// never changes its format in the middle because another program writes it now. Reads at most 64 KB of each of four files.
/// </summary>
internal static class WrittenFormat
{
    /// <summary>Where nothing is written yet: what rsyslog writes as Debian 12, 13 and sid configure it (RSYSLOG_FileFormat).</summary>
    public const FileFormat Default = FileFormat.Rfc3339;

    private const int Looked = 64 * 1024;
    private const int MostSiblings = 3;

    /// <summary>The same options, every file output with a format.</summary>
    /// <param name="running">What a file of these has as its format, it keeps; null at the start.</param>
    /// <param name="found">Told of each output that named none: its format, and the file that showed it or null.</param>
    public static ServerOptions Settle(ServerOptions options, ServerOptions? running, Action<FileOutputOptions, string?> found) => options with
    {
        Outputs = [.. options.Outputs.Select(output => output is FileOutputOptions { Format: null } file ? Settle(file, running, found) : output)],
    };

    /// <summary>The format of the lines at the end of that file, or of a rotated one beside it, and which file that was.</summary>
    /// <returns>Null where there is none, it cannot be read, or its lines are of no format with a time in front.</returns>
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

    /// <summary>Files that logrotate made of it: <c>haproxy.log.1</c>, <c>haproxy.log-20261128</c>; the newest first. A packed one shows nothing.</summary>
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
            // No directory yet, or none that we may list: then nothing tells of a format.
            return [];
        }
    }

    private static FileFormat? FormatIn(string file)
    {
        try
        {
            // A pipe, a device or a socket has no length, and opening one might wait.
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

    /// <summary>Of the last line that has one.</summary>
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
