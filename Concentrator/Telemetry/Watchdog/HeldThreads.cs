using System.Globalization;

namespace Concentrator.Telemetry.Watchdog;

/// <summary>
/// The threads of this process that the kernel holds for a disk, for a page of a file or of the swap: they sleep so that nothing wakes
/// them, not even SIGKILL. Any thread may ask.
/// </summary>
/// <param name="directory">With an entry a thread, as proc(5) describes it.</param>
internal sealed class HeldThreads(string directory = "/proc/self/task")
{
    private const char Uninterruptible = 'D';

    /// <summary>The number of the calling thread there; null where <c>/proc</c> does not say it.</summary>
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

    /// <summary>Their numbers at this moment; none where that cannot be told.</summary>
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
            // No /proc: then nobody is known to be held.
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
            // It has ended, or nobody may look.
            return false;
        }
    }

    private static int? NumberOf(string path) =>
        int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>The third field of proc(5)'s stat; the second is the thread's name, which may hold anything.</summary>
    private static char StateIn(string stat)
    {
        int state = stat.LastIndexOf(')') + 2;
        return state >= 2 && state < stat.Length ? stat[state] : '?';
    }
}
