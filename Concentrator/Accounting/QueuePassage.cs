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

    // Messages that left from anywhere while older ones may have stayed, and a place that none of them was behind.
    private long _aside;
    private long _asideUpTo;

    // Set while two queues hold messages of the output: the place up to which all have left, as far as was known then.
    private long? _heldAt;

    /// <summary>
    /// Every message up to this place has left the queue: delivered, refused or dropped. It never decreases, and may be behind: delivered and
    /// refused messages leave from the front, so each of them is the oldest; dropped ones leave from anywhere, so they are not counted before
    /// so many have left that no older one can be there any more.
    /// </summary>
    public readonly long SettledUpTo => _heldAt ?? _left - _aside;

    /// <summary>Messages leave the queue, whatever becomes of them.</summary>
    /// <param name="messages">Their number.</param>
    /// <param name="queued">The messages in the queue before that.</param>
    public void Leave(long messages, long queued)
    {
        _left += messages;
        if (_heldAt is not null && queued > messages) return;
        _heldAt = null;
        if (_left >= _asideUpTo) _aside = 0;
    }

    /// <summary>Messages that leave next are dropped, from anywhere in the queue.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="messages">Their number.</param>
    /// <param name="queued">The messages in the queue, these included.</param>
    public void Drop(DropReason reason, long messages, long queued)
    {
        if (messages <= 0) return;
        _aside += messages;
        _asideUpTo = _left + queued;
        _dropped += messages;
        _lastReason = reason;
    }

    /// <summary>
    /// Another queue is used from now on beside the one that is being emptied, so messages leave in no order: what is settled is known again when
    /// both are empty.
    /// </summary>
    /// <param name="queued">The messages in the queue that was used.</param>
    public void BeginOther(long queued)
    {
        if (queued > 0) _heldAt ??= SettledUpTo;
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
