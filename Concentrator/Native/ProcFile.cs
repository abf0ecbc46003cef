using System.Globalization;

namespace Concentrator.Native;

/// <summary>Reads files of /proc. The process may end meanwhile, and access may be denied.</summary>
internal static class ProcFile
{
    /// <summary>The file's text; null when it does not exist or access is denied.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected: the caller reports what is missing.
            return null;
        }
    }

    /// <summary>The file of a kernel setting with a dotted name, such as <c>net.core.rmem_max</c>.</summary>
    public static string Setting(string proc, string name) => Path.Combine(proc, "sys", name.Replace('.', '/'));

    /// <summary>The value of a kernel setting; null when it cannot be read.</summary>
    public static long? TrySetting(string proc, string name) =>
        long.TryParse(TryRead(Setting(proc, name))?.Trim(), CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>The pids of all processes.</summary>
    public static IEnumerable<int> Pids(string proc)
    {
        if (!Directory.Exists(proc)) yield break;
        foreach (string directory in Directory.EnumerateDirectories(proc))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) yield return pid;
        }
    }

    /// <summary>The path of a process's file: <c>/proc/PID/name</c>.</summary>
    public static string Of(string proc, int pid, string name) => Path.Combine(proc, pid.ToString(CultureInfo.InvariantCulture), name);

    /// <summary>The name of a process's program, 15 bytes at most; null when it has ended.</summary>
    public static string? Name(string proc, int pid) => TryRead(Of(proc, pid, "comm"))?.TrimEnd('\n');

    /// <summary>A field of the text of <c>/proc/PID/status</c>, such as <c>PPid</c>; empty when it is missing.</summary>
    public static string Field(string status, string name) =>
        status.Split('\n').FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal))?[(name.Length + 1)..].Trim() ?? "";

    /// <summary>The target of a process's link; null when the process has ended or access is denied.</summary>
    public static string? TryFollow(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected: as above.
            return null;
        }
    }

    /// <summary>The file descriptors of a process with their targets. Empty when it has ended or access is denied.</summary>
    public static IReadOnlyList<(int Number, string Target)> Descriptors(string proc, int pid)
    {
        try
        {
            return [.. Directory.EnumerateFiles(Of(proc, pid, "fd")).Select(static link => (int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture), TryFollow(link) ?? ""))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected: as above.
            return [];
        }
    }

    /// <summary>The link target of a descriptor for the socket with that inode number.</summary>
    public static string SocketTarget(string number) => $"socket:[{number}]";

    /// <summary>The words of a process's command line; empty when it has ended.</summary>
    public static string[] CommandLine(string proc, int pid) =>
        TryRead(Of(proc, pid, "cmdline"))?.Split('\0', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
