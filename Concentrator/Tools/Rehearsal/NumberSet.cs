using System.Numerics;

namespace Concentrator.Tools.Rehearsal;

/// <summary>The message numbers of one sender that have arrived, one bit each. Not thread-safe.</summary>
internal sealed class NumberSet
{
    /// <summary>The highest number that is worth a bit: a billion bits are 128 MB.</summary>
    public const int HighestNumber = (1 << 30) - 1;

    private ulong[] _seen = new ulong[1];

    public int Distinct { get; private set; }

    /// <summary>Numbers that arrived again.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Numbers that first arrived after a higher one.</summary>
    public int Reordered { get; private set; }

    /// <summary>The highest number that has arrived; -1 for none.</summary>
    public int Highest { get; private set; } = -1;

    /// <summary>Numbers below the highest that have not arrived.</summary>
    public int Missing => Highest + 1 - Distinct;

    public bool Has(int number) => number / 64 < _seen.Length && (_seen[number / 64] & (1UL << (number % 64))) != 0;

    /// <summary>Records an arrival. False if the number had arrived before.</summary>
    /// <param name="number">From 0 to <see cref="HighestNumber"/>.</param>
    public bool Add(int number)
    {
        int word = number / 64;
        if (word >= _seen.Length) Array.Resize(ref _seen, (int)BitOperations.RoundUpToPowerOf2((uint)word + 1));
        ulong bit = 1UL << (number % 64);
        if ((_seen[word] & bit) != 0)
        {
            Duplicates++;
            return false;
        }
        _seen[word] |= bit;
        Distinct++;
        if (number < Highest) Reordered++;
        else Highest = number;
        return true;
    }

    /// <summary>The distinct numbers below <paramref name="end"/>.</summary>
    public int CountBelow(long end)
    {
        if (end > Highest) return Distinct;
        int count = 0;
        for (int number = 0; number < end; number++)
        {
            if (Has(number)) count++;
        }
        return count;
    }
}
