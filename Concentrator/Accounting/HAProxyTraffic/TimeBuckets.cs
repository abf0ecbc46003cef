using System.Runtime.CompilerServices;

namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>The bounds of the time histograms, in milliseconds, as HAProxy measures.</summary>
internal static class TimeBuckets
{
    /// <summary>Upper bounds, inclusive; one more bucket has no bound.</summary>
    public static readonly int[] Bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

    /// <summary>How many buckets there are.</summary>
    public const int Count = 14;

    // Made by a loop of its own, which the compiler of a native binary runs: then nothing asks at each use whether the table has been made.
    private static readonly byte[] Short = MakeShort();

    /// <param name="time">Milliseconds, not negative.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NumberOf(int time) => (uint)time < (uint)Short.Length ? Short[time] : Search(time);

    private static int Search(int time)
    {
        int at = 0;
        while (at < Bounds.Length && time > Bounds[at]) at++;
        return at;
    }

    private static byte[] MakeShort()
    {
        byte[] buckets = new byte[256];
        for (int time = 0; time < buckets.Length; time++) buckets[time] = (byte)Search(time);
        return buckets;
    }
}
