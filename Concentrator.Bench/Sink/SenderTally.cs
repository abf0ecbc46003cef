using System.Numerics;

namespace Concentrator.Bench.Sink;

/// <summary>The numbers of one sender that have arrived, one bit each. Not thread-safe.</summary>
internal sealed class SenderTally
{
    /// <summary>A higher number is not taken for a stamp: a billion bits are 128 MB.</summary>
    public const uint HighestNumber = (1 << 30) - 1;

    private ulong[] _seen = new ulong[1024];
    private long _highest = -1;

    public long Distinct { get; private set; }

    /// <summary>Numbers that arrived again.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Numbers that first arrived after a higher one.</summary>
    public long Reordered { get; private set; }

    /// <summary>Numbers below the highest that have not arrived.</summary>
    public long Missing => _highest + 1 - Distinct;

    /// <param name="number">At most <see cref="HighestNumber"/>.</param>
    public void Record(uint number)
    {
        int word = (int)(number / 64);
        if (word >= _seen.Length) Array.Resize(ref _seen, (int)BitOperations.RoundUpToPowerOf2((uint)word + 1));
        ulong bit = 1UL << (int)(number % 64);
        if ((_seen[word] & bit) != 0)
        {
            Duplicates++;
            return;
        }
        _seen[word] |= bit;
        Distinct++;
        if (number < _highest) Reordered++;
        else _highest = number;
    }
}
