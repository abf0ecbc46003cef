namespace Concentrator.Bench.Capacity;

/// <summary>The ticks of a logarithmic axis: 1, 2 and 5 times each power of ten, or only the powers if those are too many.</summary>
internal static class LogarithmicSteps
{
    private const int Most = 9;

    /// <summary>Ticks from the last one at or below the least value to the first at or above the greatest. Always at least two.</summary>
    /// <param name="values">Values above zero.</param>
    public static IReadOnlyList<double> Around(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        double least = sorted.Length == 0 ? 1 : sorted[0];
        double greatest = sorted.Length == 0 ? 10 : sorted[^1];
        List<double> fine = Between(least, greatest, [1, 2, 5]);
        return fine.Count <= Most ? fine : Between(least, greatest, [1]);
    }

    private static List<double> Between(double least, double greatest, double[] ofEach)
    {
        int from = (int)Math.Floor(Math.Log10(least)) - 1;
        int to = (int)Math.Ceiling(Math.Log10(greatest)) + 1;
        double[] all = [.. Enumerable.Range(from, to - from + 1).SelectMany(power => ofEach.Select(digit => digit * Math.Pow(10, power)))];
        int first = Array.FindLastIndex(all, step => step <= least);
        int last = Math.Max(first + 1, Array.FindIndex(all, step => step >= greatest));
        return [.. all[first..(last + 1)]];
    }
}
