namespace Concentrator.Targets.Relays;

/// <summary>What to send next, alone on a connection of its own.</summary>
/// <param name="Messages">So many of the first ones.</param>
/// <param name="IsWitness">In place of them the one behind the first: does the peer take anything at all?</param>
internal readonly record struct Trial(int Messages, bool IsWitness);

/// <summary>
/// Finds the message that ends every connection it is sent over. Pure; one object a relay, used by its loop.
/// <para>
/// Connections that end badly, one after another, with the same message to be sent first and nothing new delivered, begin the search.
/// From then on the first block is sent alone and its fate awaited; while blocks are taken, twice as many together each time, so that a
/// peer that is well again soon has everything. Of the first block, where it fails: half of it, half of the half that failed, and so on
/// to one message. That one is tried a few times. Then the message behind it goes in its place (the witness), and it once more: a peer
/// that takes the witness and never the message refuses the message; a peer that takes neither refuses nothing, it is not well.
/// </para>
/// </summary>
internal sealed class RefusalSearch
{
    /// <summary>Connections in vain before the search begins, and failures of one message alone before a witness is heard.</summary>
    public const int Patience = 3;

    /// <summary>The same with something delivered on each: what TCP has acknowledged need not have been read.</summary>
    private const int PatienceWithProgress = 25;

    /// <summary>Blocks that are sent together, at most: 2 MB.</summary>
    private const int MostBlocks = 32;

    private int _patience = Patience;
    private uint _first;
    private int _same;
    private long _suspects;
    private int _among;
    private int _blocks = 1;
    private int _alone;
    private bool _witnessed;

    /// <summary>Connections are for trials.</summary>
    public bool IsOn => _suspects > 0;

    /// <summary>So many of the first blocks may be sent together, whole: as long as none of them is known to fail.</summary>
    public int Blocks => _among == 0 ? _blocks : 1;

    /// <summary>In this search the peer has closed a connection over what it was sent: it reads, and says so when it does not like something.</summary>
    public bool PeerCloses { get; set; }

    /// <summary>In this search the peer has answered a close of ours with its own: one that does not has not read everything.</summary>
    public bool PeerAnswersClose { get; set; }

    /// <summary>Nothing but another message can tell whether the first is refused.</summary>
    public bool NeedsWitness => _alone >= Patience && !_witnessed;

    /// <summary>How often in a row a connection has ended in vain, with the same first message.</summary>
    public int InVain { get; private set; }

    /// <summary>A connection ended badly. True when the search begins with it.</summary>
    /// <param name="first">Stands for the message that is sent first on the next one.</param>
    /// <param name="messages">To be sent again.</param>
    /// <param name="progress">Something new was delivered.</param>
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

    /// <summary>Of a block of so many messages, and perhaps others behind it.</summary>
    public Trial Next(int messages, bool hasOthers)
    {
        if (NeedsWitness && hasOthers) return new Trial(1, IsWitness: true);
        int most = Math.Min(messages, _among == 0 ? messages : Math.Max(1, _among / 2));
        return new Trial(most, IsWitness: false);
    }

    /// <summary>The peer has taken so many of the first messages.</summary>
    public void Taken(int messages)
    {
        _suspects -= messages;
        if (_among == 0) _blocks = Math.Min(MostBlocks, _blocks * 2);
        _among = Math.Max(0, _among - messages);
        _alone = 0;
        _witnessed = false;
        if (_suspects <= 0) Forget();
    }

    /// <summary>One of several blocks has ended the connection: they are sent one by one again.</summary>
    public void FailedTogether() => _blocks = 1;

    /// <summary>One of so many first messages has ended the connection. True when it is known to be refused.</summary>
    public bool Failed(int messages)
    {
        _among = messages;
        _blocks = 1;
        if (messages > 1) return false;
        _alone++;
        if (!_witnessed) return false;
        Forget();

        // Where there is one, there are often more.
        _patience = 1;
        return true;
    }

    /// <summary>The message behind the first was sent in its place.</summary>
    public void WitnessHeard(bool isTaken)
    {
        _witnessed = isTaken;
        if (!isTaken) Forget();
    }

    /// <summary>All is well again, or nothing can be found out.</summary>
    public void Forget()
    {
        _patience = Patience;
        _same = InVain = _among = _alone = 0;
        _suspects = 0;
        _blocks = 1;
        _witnessed = false;
    }
}
