using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Tests.Equipment;

/// <summary>What a watch says of loops that it looks at for twice its patience of 30 s, on a clock of its own.</summary>
internal static class LongLook
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>Its last word; null where all is well.</returns>
    public static string? At(RunningLoops loops)
    {
        ManualTimeProvider time = new();
        LoopWatch watch = new(loops, Patience, time, new BlockedThreads("/no threads"));
        string? said = null;
        for (int look = 0; look < 5; look++)
        {
            said = watch.Look();
            time.Advance(Patience / 2);
        }
        return said;
    }
}
