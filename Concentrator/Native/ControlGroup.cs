using System.Globalization;

namespace Concentrator.Native;

/// <summary>The limits of the process's control group (cgroups(7), version 2), as set by a container or systemd.</summary>
internal static class ControlGroup
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>Bytes of memory: the lowest limit from our group up to the root; null = none, or none that can be read.</summary>
    public static long? MemoryLimit(string root = Root, string ownGroup = "/proc/self/cgroup")
    {
        try
        {
            // "0::/system.slice/concentrator.service"; in a container with its own namespace "0::/".
            string? path = File.ReadLines(ownGroup).FirstOrDefault(static line => line.StartsWith("0::/", StringComparison.Ordinal))?[3..];
            long? least = null;
            while (path is not null)
            {
                string file = Path.Join(root, path, "memory.max");
                if (File.Exists(file) && long.TryParse(File.ReadAllText(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long limit))
                    least = Math.Min(least ?? limit, limit);
                path = Path.GetDirectoryName(path);
            }
            return least;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
