namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>The bounds of the time histograms, in milliseconds, as HAProxy measures.</summary>
internal static class TimeBuckets
{
    /// <summary>Upper bounds, inclusive; one more bucket has no bound.</summary>
    public static readonly int[] Bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

    /// <summary>How many buckets there are.</summary>
    public const int Count = 14;

    private static readonly byte[] Short = [.. Enumerable.Range(0, 256).Select(static time => (byte)Search(time))];

    /// <param name="time">Milliseconds, not negative.</param>
    public static int NumberOf(int time) => (uint)time < (uint)Short.Length ? Short[time] : Search(time);

    private static int Search(int time)
    {
        int at = 0;
        while (at < Bounds.Length && time > Bounds[at]) at++;
        return at;
    }
}
