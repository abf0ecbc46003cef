using System.Globalization;

namespace Concentrator.Bench.Measure;

/// <summary>The kernel's statistics of another process, from <c>/proc</c>. A process that has ended has used nothing.</summary>
internal static class ProcessStatistics
{
    /// <summary>User and system time of all its threads, including ended ones, at the scheduler's nanosecond resolution.</summary>
    public static TimeSpan Cpu(int pid) => ProcessorClock.OfProcess(pid);

    /// <summary>Context switches of each present thread since its start, voluntary and involuntary.</summary>
    public static IReadOnlyList<(int Thread, long Switches)> ContextSwitches(int pid)
    {
        List<(int Thread, long Switches)> threads = [];
        try
        {
            foreach (string directory in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                int thread = int.Parse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture);
                string status = Read($"{pid}/task/{thread}/status");
                if (status.Length > 0) threads.Add((thread, Of(status, "voluntary_ctxt_switches:") + Of(status, "nonvoluntary_ctxt_switches:")));
            }
        }
        catch (IOException)
        {
            // Expected: the process has ended.
        }
        return threads;
    }

    /// <summary>Peak resident memory in bytes, since the start or the last <see cref="ForgetPeak"/>.</summary>
    public static long PeakMemory(int pid) => StatusKilobytes(pid, "VmHWM:") * 1024;

    /// <summary>Resident memory in bytes.</summary>
    public static long Memory(int pid) => StatusKilobytes(pid, "VmRSS:") * 1024;

    /// <summary>Resets the peak. Needs the same user or root; otherwise the peak since the start remains.</summary>
    public static void ForgetPeak(int pid)
    {
        try
        {
            File.WriteAllText($"/proc/{pid}/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected without the rights: see the summary.
        }
    }

    private static long StatusKilobytes(int pid, string key) => Of(Read($"{pid}/status"), key);

    /// <summary>The number after a key of a status file; zero if it is missing.</summary>
    private static long Of(string status, string key)
    {
        string? line = status.Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[key.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{file}");
        }
        catch (IOException)
        {
            // The process has ended: the file is missing or, once open, reading fails with ESRCH.
            return "";
        }
    }
}
