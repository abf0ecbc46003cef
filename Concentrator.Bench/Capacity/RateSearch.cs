namespace Concentrator.Bench.Capacity;

/// <summary>Finds the highest rate that passes: doubles until one fails, then bisects. Pure: the caller probes each rate.</summary>
internal static class RateSearch
{
    /// <param name="start">The first rate to probe, in messages per second. If it fails, lower ones are probed.</param>
    /// <param name="most">The highest rate to probe.</param>
    /// <param name="halvings">How often to halve the gap between the last pass and the first failure: 4 leave a sixteenth of it.</param>
    /// <param name="probe">Whether the rate passes, and whether the sender could not offer it, so that higher ones are not probed.</param>
    /// <returns>The highest rate that passed; zero if none did.</returns>
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

        // When the first rate fails, the whole range below it has to be searched.
        for (int i = 0; i < halvings || (passed == 0 && i < 2 * halvings); i++)
        {
            double middle = (passed + failed) / 2;
            if (probe(middle).Passed) passed = middle;
            else failed = middle;
        }
        return passed;
    }
}
