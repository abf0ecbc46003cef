namespace Concentrator.Accounting;

/// <summary>
/// The place of one message in its output's queue, taken when it was queued. <see cref="OutputCounters.FateOf"/> tells from it what has
/// become of the message since. Messages leave a queue in order, so the place is a number, and nothing is attached to the message.
/// </summary>
/// <param name="Number">The message has left the queue when so many have.</param>
/// <param name="Dropped">Messages that had been dropped from the queue by then, refused ones apart.</param>
/// <param name="Refused">Messages in the queue that the peer had refused by then.</param>
/// <param name="Unstored">Messages that had left the memory in front of the disk without being written to it by then.</param>
internal readonly record struct QueuePlace(long Number, long Dropped, long Refused, long Unstored);

/// <summary>What has become of a queued message.</summary>
internal enum MessageState : byte
{
    /// <summary>In the queue, as far as is known.</summary>
    Queued,

    /// <summary>With the peer, or in the file.</summary>
    Delivered,

    /// <summary>The peer refused it.</summary>
    Refused,

    /// <summary>
    /// Gone, and messages were dropped from the queue since it entered. A full queue drops blocks from its middle, while the target holds
    /// older ones, so the number does not tell whether this message is one of them. It is never called delivered.
    /// </summary>
    PerhapsDropped,
}

/// <summary>The state of one message at one moment.</summary>
/// <param name="State">What has become of it.</param>
/// <param name="IsStored">Relays: it is on disk, or was.</param>
/// <param name="Dropped">Messages that were dropped from the queue since it entered.</param>
/// <param name="Reason">Why the last of them were; meaningless if there are none.</param>
/// <param name="Peer">Relays: the connected peer at this moment; null while there is none.</param>
internal readonly record struct MessageFate(MessageState State, bool IsStored, long Dropped, DropReason Reason, ConnectedPeer? Peer);
