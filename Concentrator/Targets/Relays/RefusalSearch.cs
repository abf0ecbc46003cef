namespace Concentrator.Targets.Relays;

/// <summary>What to send next on a connection of its own.</summary>
/// <param name="Messages">Number of first messages to send.</param>
/// <param name="IsWitness">Send the message after the first instead, to see whether the peer accepts anything at all.</param>
internal readonly record struct Trial(int Messages, bool IsWitness);

/// <summary>
/// Finds the message that ends every connection it is sent over. Pure; one object per relay, used by its loop.
/// <para>
/// The search begins after consecutive connections that end badly, with the same first message and nothing new delivered.
/// From then on the first block is sent alone and its result awaited; while blocks are accepted, the number sent together doubles, so
/// that a peer that has recovered soon has everything. A first block that fails is halved, and the failing half again, down
/// to one message. That message is tried a few times. Then the next message is sent in its place (the witness), and it once more: a
/// peer that accepts the witness and never the message refuses the message; a peer that accepts neither is not well and refuses nothing.
/// </para>
/// </summary>
internal sealed class RefusalSearch
{
    /// <summary>Connections in vain before the search begins, and failures of one message alone before a witness is sent.</summary>
    public const int Patience = 3;

    /// <summary>The same if each connection delivers something: what TCP has acknowledged need not have been read.</summary>
    private const int PatienceWithProgress = 25;

    /// <summary>Limit on blocks that are sent together: 2 MB.</summary>
    private const int MostBlocks = 32;

    private int _patience = Patience;
    private uint _first;
    private int _same;
    private long _suspects;
    private int _among;
    private int _blocks = 1;
    private int _alone;
    private bool _witnessed;

    /// <summary>Whether a search is running: connections are used for trials.</summary>
    public bool IsOn => _suspects > 0;

    /// <summary>Number of first blocks that may be sent together, whole: 1 once one of them is known to fail.</summary>
    public int Blocks => _among == 0 ? _blocks : 1;

    /// <summary>In this search the peer has closed a connection over what it was sent: it reads, and shows what it refuses.</summary>
    public bool PeerCloses { get; set; }

    /// <summary>In this search the peer has answered a close with its own: if it does not, it has not read everything.</summary>
    public bool PeerAnswersClose { get; set; }

    /// <summary>Whether only another message can show if the first is refused.</summary>
    public bool NeedsWitness => _alone >= Patience && !_witnessed;

    /// <summary>Consecutive connections that ended in vain with the same first message.</summary>
    public int InVain { get; private set; }

    /// <summary>A connection ended badly. True when the search begins with it.</summary>
    /// <param name="first">Identifies the message that is sent first on the next connection.</param>
    /// <param name="messages">Number of messages to be sent again.</param>
    /// <param name="progress">Whether something new was delivered.</param>
    public bool Ended(uint first, long messages, bool progress)
    {
        if (messages == 0)
        {
            Forget();
            return false;
        }
        if (first != _first) _same = InVain = 0;
        _first = first;
        _same++;
        InVain = progress ? 0 : InVain + 1;
        if (InVain < _patience && _same < PatienceWithProgress) return false;
        _suspects = messages;
        PeerCloses = PeerAnswersClose = false;
        _among = _alone = 0;
        _blocks = 1;
        _witnessed = false;
        return true;
    }

    /// <summary>Returns the next trial for a block of <paramref name="messages"/> messages, perhaps followed by others.</summary>
    public Trial Next(int messages, bool hasOthers)
    {
        if (NeedsWitness && hasOthers) return new Trial(1, IsWitness: true);
        int most = Math.Min(messages, _among == 0 ? messages : Math.Max(1, _among / 2));
        return new Trial(most, IsWitness: false);
    }

    /// <summary>The peer has accepted the first <paramref name="messages"/> messages.</summary>
    public void Taken(int messages)
    {
        _suspects -= messages;
        if (_among == 0) _blocks = Math.Min(MostBlocks, _blocks * 2);
        _among = Math.Max(0, _among - messages);
        _alone = 0;
        _witnessed = false;
        if (_suspects <= 0) Forget();
    }

    /// <summary>One of several blocks has ended the connection: they are sent one at a time again.</summary>
    public void FailedTogether() => _blocks = 1;

    /// <summary>One of the first messages has ended the connection. True when it is known to be refused.</summary>
    public bool Failed(int messages)
    {
        _among = messages;
        _blocks = 1;
        if (messages > 1) return false;
        _alone++;
        if (!_witnessed) return false;
        Forget();

        // One refused message is often followed by more.
        _patience = 1;
        return true;
    }

    /// <summary>The message after the first was sent in its place.</summary>
    public void WitnessHeard(bool isTaken)
    {
        _witnessed = isTaken;
        if (!isTaken) Forget();
    }

    /// <summary>Ends the search: the peer works again, or nothing can be found out.</summary>
    public void Forget()
    {
        _patience = Patience;
        _same = InVain = _among = _alone = 0;
        _suspects = 0;
        _blocks = 1;
        _witnessed = false;
    }
}
