using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary>Which processes a process has started, as /proc tells it.</summary>
internal static class ProcessTree
{
    /// <summary>A process that cannot be mistaken for a later one with the same id.</summary>
    internal readonly record struct Member(int Pid, long StartTime);

    /// <summary>All descendants at this moment.</summary>
    public static IReadOnlyList<Member> Descendants(int pid)
    {
        List<Member> found = [];
        Collect(pid, found);
        return found;
    }

    /// <summary>Ends it, if it is still the same process.</summary>
    public static void End(Member member)
    {
        if (StartTime(member.Pid) == member.StartTime) Signals.Send(member.Pid, Signal.Kill);
    }

    private static void Collect(int pid, List<Member> found)
    {
        try
        {
            foreach (string task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                foreach (string word in File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    int child = int.Parse(word, CultureInfo.InvariantCulture);
                    if (StartTime(child) is long started) found.Add(new Member(child, started));
                    Collect(child, found);
                }
            }
        }
        catch (IOException)
        {
            // It ended while we looked: no descendants to speak of.
        }
    }

    private static long? StartTime(int pid)
    {
        try
        {
            // Field 22 of stat; the command name before it may hold blanks, so count from its closing bracket.
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
