using Concentrator.Tools.Rehearsal;

namespace Concentrator.Tools.Demo;

/// <summary>Counts the messages that arrived at one point, by their numbers. Not thread-safe.</summary>
internal sealed class NumberTally
{
    private readonly Dictionary<char, NumberSet> _seen = [];

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
        if (!_seen.TryGetValue(letter, out NumberSet? seen)) _seen.Add(letter, seen = new NumberSet());
        if (!seen.Add(number)) Duplicates++;
    }

    /// <summary>Compares with what was sent. Each sender uses the numbers from 0 up to its count.</summary>
    public Arrival Against(IEnumerable<(char Letter, long Sent)> senders)
    {
        long distinct = 0, missing = 0;
        Dictionary<char, NumberSet> unknown = new(_seen);
        long strangers = Strangers;
        foreach ((char letter, long sent) in senders)
        {
            long found = 0;
            if (unknown.Remove(letter, out NumberSet? seen))
            {
                found = seen.CountBelow(sent);
                strangers += seen.Distinct - found;
            }
            distinct += found;
            missing += sent - found;
        }
        strangers += unknown.Values.Sum(static numbers => numbers.Distinct);
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
