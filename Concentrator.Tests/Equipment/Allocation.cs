namespace Concentrator.Tests.Equipment;

/// <summary>What a piece of code allocates once it is warm.</summary>
internal static class Allocation
{
    /// <summary>
    /// The least number of bytes that one of several runs allocates on this thread. The least, because the runtime itself
    /// allocates now and then while it replaces code by better code; what the code allocates, it allocates every time.
    /// </summary>
    public static long InSteadyState(Action run)
    {
        for (int i = 0; i < 30; i++) run();
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
