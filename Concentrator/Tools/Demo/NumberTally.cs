using System.Collections;

namespace Concentrator.Tools.Demo;

/// <summary>Counts the messages that arrived at one point, by their numbers. Not thread-safe.</summary>
internal sealed class NumberTally
{
    private readonly Dictionary<char, BitArray> _seen = [];

    /// <summary>Messages, duplicates included.</summary>
    public long Messages { get; private set; }

    /// <summary>Messages whose number had arrived before.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Messages without a number, which no sender sent.</summary>
    public long Strangers { get; private set; }

    public void Add(ReadOnlySpan<byte> message)
    {
        Messages++;
        if (!MessageNumber.TryFind(message, out char letter, out int number))
        {
            Strangers++;
            return;
        }
        if (!_seen.TryGetValue(letter, out BitArray? seen)) _seen.Add(letter, seen = new BitArray(4096));
        if (number >= seen.Length) seen.Length = Math.Max(seen.Length * 2, number + 1);
        if (seen[number]) Duplicates++;
        seen[number] = true;
    }

    /// <summary>Compares with what was sent. Each sender uses the numbers from 0 up to its count.</summary>
    public Arrival Against(IEnumerable<(char Letter, long Sent)> senders)
    {
        long distinct = 0, missing = 0;
        Dictionary<char, BitArray> unknown = new(_seen);
        long strangers = Strangers;
        foreach ((char letter, long sent) in senders)
        {
            BitArray seen = unknown.Remove(letter, out BitArray? numbers) ? numbers : new BitArray(0);
            long found = 0;
            for (int number = 0; number < seen.Length; number++)
            {
                if (!seen[number]) continue;
                if (number < sent) found++;
                else strangers++;
            }
            distinct += found;
            missing += sent - found;
        }
        strangers += unknown.Values.Sum(static numbers => numbers.Cast<bool>().LongCount(static set => set));
        return new Arrival(Messages, distinct, missing, Duplicates, strangers);
    }
}

/// <summary>What arrived at one point, compared with what was sent: messages = distinct + duplicates + strangers.</summary>
/// <param name="Messages">All messages that arrived.</param>
/// <param name="Distinct">Sent messages that arrived, each counted once.</param>
/// <param name="Missing">Sent messages that did not arrive.</param>
/// <param name="Duplicates">Messages that arrived again.</param>
/// <param name="Strangers">Messages that no sender sent.</param>
internal sealed record Arrival(long Messages, long Distinct, long Missing, long Duplicates, long Strangers);
