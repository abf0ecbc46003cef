using System.Globalization;

namespace Concentrator.Telemetry.Watchdog;

/// <summary>
/// The threads of this process that the kernel blocks in uninterruptible sleep, for a disk, a page of a file or of swap: nothing wakes
/// them, not even SIGKILL. Any thread may call.
/// </summary>
/// <param name="directory">Has one entry per thread, as described in proc(5).</param>
internal sealed class BlockedThreads(string directory = "/proc/self/task")
{
    private const char Uninterruptible = 'D';

    /// <summary>Id of the calling thread; null if <c>/proc</c> does not show it.</summary>
    public static int? Current()
    {
        try
        {
            return new FileInfo("/proc/thread-self").LinkTarget is { } own ? NumberOf(own) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Returns the ids of the held threads at this moment; empty if they cannot be determined.</summary>
    public HashSet<int> Read()
    {
        HashSet<int> held = [];
        try
        {
            foreach (string thread in Directory.EnumerateDirectories(directory))
            {
                if (NumberOf(thread) is { } number && IsHeld(thread)) held.Add(number);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No /proc: no thread is known to be held.
        }
        return held;
    }

    private static bool IsHeld(string thread)
    {
        try
        {
            return StateIn(File.ReadAllText($"{thread}/stat")) == Uninterruptible;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The thread has ended, or access is denied.
            return false;
        }
    }

    private static int? NumberOf(string path) =>
        int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>The third field of proc(5)'s stat; the second is the thread's name, which may contain anything.</summary>
    private static char StateIn(string stat)
    {
        int state = stat.LastIndexOf(')') + 2;
        return state >= 2 && state < stat.Length ? stat[state] : '?';
    }
}
