namespace Concentrator.Hosting.Views;

/// <summary>
/// The last ten minutes of a counter's rate, as averages over slots of five seconds. Half a kilobyte, whatever is added
/// and however often. One caller at a time.
/// </summary>
/// <param name="begins">When the counter was nothing: time since some beginning.</param>
internal sealed class SlotSeries(TimeSpan begins)
{
    public const int Slots = 120;

    public static readonly TimeSpan Slot = TimeSpan.FromSeconds(5);

    // Totals of the slots: slot n, counted from time zero, is at n modulo Slots.
    private readonly float[] _totals = new float[Slots];
    private TimeSpan _at = begins;
    private long _last;

    /// <summary>Adds the state of a counter; its growth since the previous call is spread evenly over the time between.</summary>
    /// <param name="at">Time since the same beginning, not before that of the previous call.</param>
    /// <param name="total">A smaller total than before begins anew.</param>
    public void Count(TimeSpan at, long total)
    {
        Spread(at, Math.Max(0, total - _last));
        _last = total;
    }

    /// <summary>What is known at the last call of <see cref="Count"/>.</summary>
    public SlotReading Read()
    {
        float[] averages = new float[Slots - 1];
        long open = SlotOf(_at);
        for (int i = 0; i < averages.Length; i++)
        {
            long slot = open - averages.Length + i;
            averages[i] = slot < 0 ? 0 : _totals[slot % Slots] / (float)Slot.TotalSeconds;
        }
        return new SlotReading(averages, _totals[open % Slots], _at - (Slot * open), _last);
    }

    private void Spread(TimeSpan at, double amount)
    {
        TimeSpan from = _at;
        _at = at;
        long first = SlotOf(from), last = SlotOf(at);
        for (long slot = Math.Max(first + 1, last - Slots + 1); slot <= last; slot++) _totals[slot % Slots] = 0;
        if (at <= from)
        {
            _totals[last % Slots] += (float)(at == from ? 0 : amount);
            return;
        }
        for (long slot = Math.Max(first, last - Slots + 1); slot <= last; slot++)
        {
            TimeSpan begin = Slot * slot, end = Slot * (slot + 1);
            TimeSpan share = (at < end ? at : end) - (from > begin ? from : begin);
            _totals[slot % Slots] += (float)(amount * (share / (at - from)));
        }
    }

    private static long SlotOf(TimeSpan at) => at.Ticks / Slot.Ticks;
}
