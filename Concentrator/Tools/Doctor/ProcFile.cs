using System.Globalization;

namespace Concentrator.Tools.Doctor;

/// <summary>Files of /proc: of a process that may end meanwhile, or that we may not look at.</summary>
internal static class ProcFile
{
    /// <summary>Null when it is not there, or not for us.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected: the caller says what is missing then.
            return null;
        }
    }

    /// <summary>The file of a kernel setting with that dotted name, such as <c>net.core.rmem_max</c>.</summary>
    public static string Setting(string proc, string name) => Path.Combine(proc, "sys", name.Replace('.', '/'));

    /// <summary>Its value.</summary>
    public static long? TrySetting(string proc, string name) =>
        long.TryParse(TryRead(Setting(proc, name))?.Trim(), CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>The pids that there are.</summary>
    public static IEnumerable<int> Pids(string proc)
    {
        if (!Directory.Exists(proc)) yield break;
        foreach (string directory in Directory.EnumerateDirectories(proc))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) yield return pid;
        }
    }

    /// <summary>A file of a process: <c>/proc/PID/name</c>.</summary>
    public static string Of(string proc, int pid, string name) => Path.Combine(proc, pid.ToString(CultureInfo.InvariantCulture), name);

    /// <summary>The name of a process's program (15 bytes at most); null when it has ended.</summary>
    public static string? Name(string proc, int pid) => TryRead(Of(proc, pid, "comm"))?.TrimEnd('\n');

    /// <summary>A field of what <c>/proc/PID/status</c> says, such as <c>PPid</c>; empty when it is not there.</summary>
    public static string Field(string status, string name) =>
        status.Split('\n').FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal))?[(name.Length + 1)..].Trim() ?? "";

    /// <summary>Where a link of a process leads; null when it has ended or is not ours to look at.</summary>
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

    /// <summary>What a process has open: each descriptor, and where it leads. None when it has ended or is not ours to look at.</summary>
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

    /// <summary>Where a descriptor leads that is a socket with that number.</summary>
    public static string SocketTarget(string number) => $"socket:[{number}]";

    /// <summary>The words of a process's command line; empty when it has ended.</summary>
    public static string[] CommandLine(string proc, int pid) =>
        TryRead(Of(proc, pid, "cmdline"))?.Split('\0', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
