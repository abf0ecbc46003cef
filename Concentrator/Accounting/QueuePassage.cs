namespace Concentrator.Accounting;

/// <summary>
/// Counts the messages that pass through an output's queue, in the order in which they leave it, so that one of them can be followed by its
/// <see cref="QueuePlace"/>. The lock of <see cref="OutputCounters"/> guards it. It costs some additions for a block, nothing for a message.
/// </summary>
internal struct QueuePassage
{
    private long _left;
    private long _dropped;
    private long _refused;
    private long _lastRefused;
    private long _leftMemory;
    private long _unstored;
    private DropReason _lastReason;

    /// <summary>Messages leave the queue, whatever becomes of them.</summary>
    public void Leave(long messages) => _left += messages;

    /// <summary>Messages that leave next are dropped, from anywhere in the queue.</summary>
    public void Drop(DropReason reason, long messages)
    {
        if (messages <= 0) return;
        _dropped += messages;
        _lastReason = reason;
    }

    /// <summary>Messages that leave next are refused by the peer. They are the oldest in the queue, so their number is known.</summary>
    public void Refuse(long messages)
    {
        if (messages <= 0) return;
        _refused += messages;
        _lastRefused = _left + messages;
    }

    /// <summary>Relays: messages left the memory in front of the disk.</summary>
    /// <param name="messages">Their number.</param>
    /// <param name="isStored">Whether they were written to disk.</param>
    public void LeaveMemory(long messages, bool isStored)
    {
        _leftMemory += messages;
        if (!isStored) _unstored += messages;
    }

    /// <summary>Relays: the memory in front of the disk is new, and everything queued is behind it.</summary>
    /// <param name="queued">The messages in the queue.</param>
    public void BeginMemory(long queued) => _leftMemory = _left + queued;

    /// <summary>The place of the message that was queued last.</summary>
    /// <param name="queued">The messages in the queue.</param>
    public readonly QueuePlace LastPlace(long queued) => new(_left + queued, _dropped, _refused, _unstored);

    /// <summary>What has become of the message at that place.</summary>
    public readonly MessageFate FateOf(in QueuePlace place, ConnectedPeer? peer)
    {
        long dropped = _dropped - place.Dropped;
        return new MessageFate(StateOf(place, dropped), _leftMemory >= place.Number && _unstored == place.Unstored, dropped, _lastReason, peer);
    }

    private readonly MessageState StateOf(in QueuePlace place, long dropped) =>
        _left < place.Number ? MessageState.Queued
        : dropped > 0 ? MessageState.PerhapsDropped
        : _refused == place.Refused || _lastRefused < place.Number ? MessageState.Delivered
        : _lastRefused == place.Number ? MessageState.Refused
        : MessageState.PerhapsDropped;
}
