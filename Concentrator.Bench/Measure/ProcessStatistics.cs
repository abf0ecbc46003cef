using System.Globalization;

namespace Concentrator.Bench.Measure;

/// <summary>What the kernel says of another process, in <c>/proc</c>. A process that has ended has used nothing.</summary>
internal static class ProcessStatistics
{
    /// <summary>User and system time of all its threads, also of those that have ended; in nanoseconds, as the scheduler counts it.</summary>
    public static TimeSpan Cpu(int pid) => ProcessorClock.OfProcess(pid);

    /// <summary>Of each thread that there is now: how often it was switched out since its start, because it waited or because it had to.</summary>
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
            // The process has ended.
        }
        return threads;
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

    private static long StatusKilobytes(int pid, string key) => Of(Read($"{pid}/status"), key);

    /// <summary>The number behind a key of a status file; zero where there is none.</summary>
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
            // Ended: a file that is not there, or, once it is open, ESRCH.
            return "";
        }
    }
}
