using System.Numerics;

namespace Concentrator.Queues.CrashSafe;

/// <summary>
/// Which units of a region nobody uses: one bit each. The lowest goes first, so that what is in use stays together at the front, and
/// runs of several in a row are to be had behind it. Not thread-safe.
/// </summary>
internal sealed class IdleUnits(int units)
{
    private readonly ulong[] _words = new ulong[(units + 63) / 64];

    // No word before this one has a bit.
    private int _lowest;

    public void Add(int unit)
    {
        _words[unit / 64] |= 1UL << unit % 64;
        _lowest = Math.Min(_lowest, unit / 64);
    }

    public void Clear() => Array.Clear(_words);

    /// <summary>The lowest; -1 when there is none.</summary>
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

    /// <summary>The first of that many in a row; -1 when there are none.</summary>
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
