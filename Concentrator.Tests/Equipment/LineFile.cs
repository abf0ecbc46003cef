using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>A log file that somebody else is writing, as its finished lines in Latin-1.</summary>
internal static class LineFile
{
    /// <summary>Without their LF; a line that is still being written is left out. Empty while there is no file.</summary>
    public static string[] Lines(string path)
    {
        if (!File.Exists(path)) return [];
        string text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        string[] lines = text.Split('\n');
        return lines[..^1];
    }

    /// <summary>Waits for at least that many lines and returns all there are.</summary>
    public static string[] WaitForLines(string path, int count, TimeSpan? within = null)
    {
        string[] lines = [];
        long read = -1;
        Eventually.Holds(
            () =>
            {
                // Reading a large file again is worth it only when it has grown.
                long size = File.Exists(path) ? new FileInfo(path).Length : 0;
                if (size != read) lines = Lines(path);
                read = size;
                return lines.Length >= count;
            },
            $"{count} lines in {path}",
            within,
            () => $"{lines.Length} lines\n{string.Join('\n', lines.TakeLast(20))}");
        return lines;
    }
}
