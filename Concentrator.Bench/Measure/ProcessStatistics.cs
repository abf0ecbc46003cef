using System.Globalization;

namespace Concentrator.Bench.Measure;

/// <summary>What the kernel says of another process, in <c>/proc</c>. A process that has ended has used nothing.</summary>
internal static class ProcessStatistics
{
    /// <summary>User and system time of all its threads, also of those that have ended; in steps of 10 ms.</summary>
    public static TimeSpan Cpu(int pid)
    {
        // Fields 14 and 15; the command name before them may hold blanks, so count from its closing bracket. In USER_HZ: 100.
        string stat = Read(pid, "stat");
        if (stat.Length == 0) return TimeSpan.Zero;
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10) * (Number(fields[11]) + Number(fields[12]));
    }

    /// <summary>Bytes: the most that was resident since the start, or since <see cref="ForgetPeak"/>.</summary>
    public static long PeakMemory(int pid) => StatusKilobytes(pid, "VmHWM:") * 1024;

    /// <summary>Bytes resident now.</summary>
    public static long Memory(int pid) => StatusKilobytes(pid, "VmRSS:") * 1024;

    /// <summary>Begins a new peak. Needs the same user or root; without it the peak is that since the start.</summary>
    public static void ForgetPeak(int pid)
    {
        try
        {
            File.WriteAllText($"/proc/{pid}/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Said above.
        }
    }

    private static long StatusKilobytes(int pid, string key)
    {
        string? line = Read(pid, "status").Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        return line is null ? 0 : Number(line[key.Length..].Trim().Split(' ')[0]);
    }

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
