namespace Concentrator.Bench.Capacity;

/// <summary>
/// Finds the highest rate that passes: doubling until one fails, then halving the gap. Pure: what a rate does is asked of the
/// caller.
/// </summary>
internal static class RateSearch
{
    /// <param name="start">Messages a second, the first rate that is tried; if it fails, lower ones are.</param>
    /// <param name="most">Never tried above.</param>
    /// <param name="halvings">Of the gap between the last that passed and the first that failed: 4 leave a sixteenth of it.</param>
    /// <param name="probe">Whether that rate passes, and whether the sender could not offer it: then higher ones are not tried.</param>
    /// <returns>The highest that passed; zero if none did.</returns>
    public static double Run(double start, double most, int halvings, Func<double, (bool Passed, bool SenderIsLimit)> probe)
    {
        double passed = 0, failed = 0;
        for (double rate = start; ; rate *= 2)
        {
            rate = Math.Min(rate, most);
            (bool ok, bool senderIsLimit) = probe(rate);
            if (ok) passed = rate;
            else failed = rate;
            if (!ok || senderIsLimit || rate >= most) break;
        }
        if (failed == 0) return passed;

        // A first rate that fails leaves everything below it open.
        for (int i = 0; i < halvings || (passed == 0 && i < 2 * halvings); i++)
        {
            double middle = (passed + failed) / 2;
            if (probe(middle).Passed) passed = middle;
            else failed = middle;
        }
        return passed;
    }
}
