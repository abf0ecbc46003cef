using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// An open session with a peer: takes blocks, tracks acknowledgements, and detects when the peer ends it.
/// The unit of the two positions depends on the protocol; the loop only compares them. Only the relay's loop writes.
/// </summary>
/// <param name="endpoint">The peer.</param>
/// <param name="onChange">Called from any thread when there is something new for the loop.</param>
internal abstract class RelayConnection(RelayEndpoint endpoint, Action onChange) : IAsyncDisposable
{
    private ConnectionEnd? _ended;

    public RelayEndpoint Endpoint { get; } = endpoint;

    /// <summary>Name of the protocol, for the log.</summary>
    public required string Protocol { get; init; }

    /// <summary>The subject of the peer's certificate, for the log.</summary>
    public string? PeerSubject { get; init; }

    /// <summary>End of the peer certificate's validity, local time; null without TLS.</summary>
    public DateTime? PeerValidUntil { get; init; }

    /// <summary>Round-trip time, measured by TCP while connecting; null when it is not available.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Why the connection is over; null while it is up.</summary>
    public ConnectionEnd? Ended => Volatile.Read(ref _ended);

    /// <summary>Whether the peer has reset the connection; false for timeouts of the kernel or of the relay.</summary>
    public virtual bool IsReset => false;

    /// <summary>Position at which the last block written ends.</summary>
    public abstract long Written { get; }

    /// <summary>Position before which everything is acknowledged; null when it is no longer known.</summary>
    public abstract long? Acknowledged { get; }

    /// <summary>
    /// Increases with any acknowledgement, however small, whereas <see cref="Acknowledged"/> increases by whole messages or records; null
    /// when it is no longer known.
    /// </summary>
    public virtual long? Moved => Acknowledged;

    /// <summary>Returns <see cref="Acknowledged"/> and <see cref="Moved"/> with one query to the kernel.</summary>
    public virtual long? Look(out long moved)
    {
        long? acknowledged = Acknowledged;
        moved = acknowledged ?? 0;
        return acknowledged;
    }

    /// <summary>After <see cref="CloseAsync"/>, with all acknowledged: whether the peer's close proves that it has read all.</summary>
    public abstract bool HasReadEverything { get; }

    /// <summary>Whether the protocol's limit of data in flight is reached: nothing is sent until some of it is acknowledged.</summary>
    public virtual bool IsFull => false;

    /// <summary>
    /// Position of the first message that the peer has refused by name, counted as acknowledged, and that <see cref="TakeRefusal"/> has not
    /// removed; null when there is none.
    /// </summary>
    public virtual long? Refused => null;

    /// <summary>Whether the peer has announced its close: nothing more is sent to it.</summary>
    public abstract bool PeerCloses { get; }

    /// <summary>Whether no more acknowledgements can come for what was written.</summary>
    public abstract bool AcknowledgesNoMore { get; }

    protected Action OnChange { get; } = onChange;

    /// <summary>
    /// Step 7 of the journey: writes one whole block. False when the connection is over; <see cref="Ended"/> says why. A peer that
    /// acknowledges nothing for <paramref name="limit"/> is given up; one that acknowledges slowly is waited for.
    /// </summary>
    public abstract ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit);

    /// <summary>Sends at once what the protocol holds back to send it with more: the loop writes nothing before some of it is acknowledged.</summary>
    public virtual void Push()
    {
    }

    /// <summary>Removes the first refusal (<see cref="Refused"/>); returns the peer's reason, in one line.</summary>
    public virtual string TakeRefusal() => throw new InvalidOperationException("nothing was refused");

    /// <summary>Whether the message at that position, which was written, is acknowledged although one before it is not.</summary>
    public virtual bool IsAcknowledgedAhead(long position) => false;

    /// <summary>
    /// The frame was acknowledged, and is given back with one before it that was not: the next session of this output does not send it
    /// again. Called for frames in order, when the session is over.
    /// </summary>
    public virtual void RememberAcknowledged(ReadOnlySpan<byte> frame)
    {
    }

    /// <summary>Sends everything again from now on: what the peer does with it is to be seen.</summary>
    public virtual void ForgetAcknowledged()
    {
    }

    /// <summary>Whether the peer's treatment of one frame tells how it would treat the other: both go the same way there.</summary>
    public virtual bool AreAlike(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> other) => true;

    /// <summary>
    /// As <see cref="WriteAsync(ReadOnlyMemory{byte}, TimeSpan)"/>, for a protocol that names what it sends by the block's place in the queue.
    /// </summary>
    public virtual ValueTask<bool> WriteAsync(Block block, TimeSpan limit) => WriteAsync(block.Bytes, limit);

    /// <summary>Answers the close of a peer that acknowledges no more; the result says whether the close was orderly.</summary>
    public abstract Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit);

    /// <summary>Ends a write in progress because the stop's deadline has passed.</summary>
    public abstract void Abandon();

    /// <summary>Closes in order, as the protocol does, within that time. A close that fails is no error: see the subclass.</summary>
    public abstract Task CloseAsync(TimeSpan limit);

    /// <summary>Ends the session at once. What was not acknowledged may or may not have arrived.</summary>
    public abstract ValueTask DisposeAsync();

    protected void End(string reason, bool inOrder) => End(new ConnectionEnd(reason, inOrder));

    /// <summary>Keeps the first reason, because later ones are its consequences.</summary>
    protected void End(ConnectionEnd end) => Interlocked.CompareExchange(ref _ended, end, null);
}
