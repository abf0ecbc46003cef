namespace Concentrator.Hosting.Views;

/// <summary>
/// The last ten minutes of a counter's rate or a gauge's level, as averages over slots of five seconds. Half a kilobyte, whatever is added
/// and however often. One caller at a time.
/// </summary>
internal sealed class SlotSeries
{
    public const int Slots = 120;

    public static readonly TimeSpan Slot = TimeSpan.FromSeconds(5);

    // Totals of the slots: slot n, counted from time zero, is at n modulo Slots.
    private readonly float[] _totals = new float[Slots];
    private TimeSpan _at = TimeSpan.MinValue;
    private long _last;

    /// <summary>Adds the state of a counter; its growth since the previous call is spread evenly over the time between.</summary>
    /// <param name="at">Time since some beginning, not before that of the previous call.</param>
    /// <param name="total">A smaller total than before begins anew.</param>
    public void Count(TimeSpan at, long total)
    {
        Spread(at, Math.Max(0, total - _last));
        _last = total;
    }

    /// <summary>Adds the state of a gauge: it had the previous value until now.</summary>
    public void Measure(TimeSpan at, long value)
    {
        Spread(at, _at == TimeSpan.MinValue ? 0 : _last * (at - _at).TotalSeconds);
        _last = value;
    }

    /// <summary>
    /// The averages a second of the finished slots, the oldest first: <see cref="Slots"/> minus one of them, 0 where nothing was added.
    /// </summary>
    public float[] Read()
    {
        float[] averages = new float[Slots - 1];
        if (_at == TimeSpan.MinValue) return averages;
        long open = SlotOf(_at);
        for (int i = 0; i < averages.Length; i++)
        {
            long slot = open - averages.Length + i;
            averages[i] = slot < 0 ? 0 : _totals[slot % Slots] / (float)Slot.TotalSeconds;
        }
        return averages;
    }

    /// <summary>What was added to the slot that is not finished, and how far that slot has gone.</summary>
    public (double Amount, TimeSpan Passed) ReadOpen() => _at == TimeSpan.MinValue ? default : (_totals[SlotOf(_at) % Slots], _at - (Slot * SlotOf(_at)));

    private void Spread(TimeSpan at, double amount)
    {
        TimeSpan from = _at == TimeSpan.MinValue ? at : _at;
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
