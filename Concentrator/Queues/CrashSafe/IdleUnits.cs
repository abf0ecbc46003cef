using System.Numerics;

namespace Concentrator.Queues.CrashSafe;

/// <summary>
/// A bitmap of the unused units of a region. The lowest is taken first, so that used units stay together at the front and
/// runs of consecutive units remain behind them. Not thread-safe.
/// </summary>
internal sealed class IdleUnits(int units)
{
    private readonly ulong[] _words = new ulong[(units + 63) / 64];

    // No earlier word has a bit set.
    private int _lowest;

    public void Add(int unit)
    {
        _words[unit / 64] |= 1UL << unit % 64;
        _lowest = Math.Min(_lowest, unit / 64);
    }

    public void Clear() => Array.Clear(_words);

    /// <summary>Takes the lowest unit; -1 when there is none.</summary>
    public int Take()
    {
        for (; _lowest < _words.Length; _lowest++)
        {
            ulong word = _words[_lowest];
            if (word == 0) continue;
            _words[_lowest] = word & (word - 1);
            return _lowest * 64 + BitOperations.TrailingZeroCount(word);
        }
        return -1;
    }

    /// <summary>Takes a run of consecutive units and returns its first; -1 when there is none.</summary>
    public int TakeRun(int length)
    {
        int found = 0;
        for (int unit = _lowest * 64; unit < _words.Length * 64; unit++)
        {
            found = (_words[unit / 64] >> unit % 64 & 1) == 0 ? 0 : found + 1;
            if (found < length) continue;
            int first = unit - length + 1;
            for (int taken = first; taken <= unit; taken++) _words[taken / 64] &= ~(1UL << taken % 64);
            return first;
        }
        return -1;
    }
}
