using Concentrator.Bytes;
using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;

namespace Concentrator.Targets.Relays;

/// <summary>
/// The messages of a relay between its queue and its peer, over one connection after the other. Settles them as they are acknowledged
/// (step 8), and decides the delivery guarantee: which are sent again after a connection has ended. Owned by the relay's loop.
/// </summary>
internal sealed class InFlightMessages(RelayContext relay, RefusalSearch search)
{
    private readonly UnacknowledgedWindow _window = new(countsMessages: relay.Options.AcknowledgesMessages);
    private readonly ReplayTail _tail = new(relay.Options.ReplayTail, relay.Queue, relay.Time);

    // Consecutive orderly closes over messages that had been sent before.
    private int _closesInVain;

    // State of the connection in use.
    private AcknowledgedHistory _past = new(relay.Options.ReplayTail, relay.Time);
    private long _progressAt;
    private long _closeSeenAt;
    private long _moved;
    private long _settledTo;
    private bool _hasDelivered;

    /// <summary>Whether everything that was written is settled.</summary>
    public bool IsEmpty => _window.IsEmpty;

    /// <summary>Whether nothing more may be written before something is settled.</summary>
    public bool IsFull => _window.IsFull;

    /// <summary>How long the peer has acknowledged nothing, while something is in flight.</summary>
    public TimeSpan Silence => _window.IsEmpty ? TimeSpan.Zero : relay.Time.GetElapsedTime(_progressAt);

    /// <summary>Another connection is used from now on.</summary>
    public void Begin()
    {
        _past = new AcknowledgedHistory(relay.Options.ReplayTail, relay.Time);
        _settledTo = _moved = _closeSeenAt = 0;
        _hasDelivered = false;
        _progressAt = relay.Time.GetTimestamp();
    }

    /// <summary>Adds a block that is written from <paramref name="start"/> on; <see cref="Close"/> sets its end.</summary>
    public void Add(Block block, long start)
    {
        if (_window.IsEmpty) _progressAt = relay.Time.GetTimestamp();
        _window.Add(block, start);
    }

    /// <summary>The block added last is written, and ends at <paramref name="end"/>.</summary>
    public void Close(long end) => _window.Close(end);

    /// <summary>Also records when the close was first seen, which is soon, because the connection wakes the loop.</summary>
    public bool IsClosedByPeer(RelayConnection connection)
    {
        if (!connection.PeerCloses) return false;
        if (_closeSeenAt == 0) _closeSeenAt = relay.Time.GetTimestamp();
        return true;
    }

    /// <summary>
    /// Step 8: settles acknowledged messages. If the connection was reset, the last acknowledged messages may not have been
    /// read: they are sent again anyway, and not counted before that.
    /// </summary>
    public void Settle(RelayConnection connection)
    {
        IsClosedByPeer(connection);
        if (relay.Options.ReplayTail > TimeSpan.Zero && connection.Ended is { InOrder: false }) return;
        if (_window.IsEmpty || connection.Look(out long moved) is not { } acknowledged) return;
        if (connection.Refused is { } refused && refused < acknowledged) acknowledged = refused;
        if (moved > _moved)
        {
            _moved = moved;
            _progressAt = relay.Time.GetTimestamp();
        }
        _settledTo = acknowledged;
        _past.Note(acknowledged);

        while (_window.TakeAcknowledged(acknowledged) is { } block)
        {
            NoteDelivered(block);
            relay.Queue.Settle(block);
            _tail.Add(block);
        }
        if (_window.FindPart(acknowledged, out int messages, out int bytes) is not { } first) return;
        NoteDelivered(first);
        relay.Queue.SettleFirst(first, messages, bytes);
    }

    /// <summary>Whether a message that the peer has refused by name is the next to be settled.</summary>
    public static bool IsRefused(RelayConnection connection) => connection.Refused < connection.Acknowledged;

    /// <summary>Settles acknowledged messages, and puts those aside that the peer has refused by name.</summary>
    public async ValueTask PutRefusedAsideAsync(RelayConnection connection)
    {
        while (IsRefused(connection))
        {
            Settle(connection);
            string reason = connection.TakeRefusal();
            await relay.PutAsideAsync(_window.TakeFirstMessage(), connection.Endpoint.ToString(), reason).ConfigureAwait(false);
            Settle(connection);
        }
    }

    /// <summary>
    /// Gives back to the queue what is sent again after this connection: unacknowledged messages always; acknowledged ones only if
    /// the peer may not have read them. While something is unacknowledged the peer makes no progress, so the span of possibly unread
    /// messages is counted back from its last acknowledgement, otherwise from now.
    /// </summary>
    /// <param name="connection">The connection, disposed.</param>
    /// <param name="end">How it ended; null = the relay closed it in order.</param>
    public void GiveBack(RelayConnection connection, ConnectionEnd? end)
    {
        long replayed = 0;
        long settled = _settledTo;
        BlockList again = default;
        if (end is { Discards: not Discarded.Nothing } && IsInDoubt(connection)) end = end with { InOrder = false };
        if (end is { InOrder: false, Discards: Discarded.OnItsWay })
        {
            again = _tail.TakeSince(_closeSeenAt, MomentOf(connection), out replayed);
        }
        else if (end is { InOrder: false })
        {
            long reference = !_window.IsEmpty ? _progressAt : end.Discards == Discarded.Tail ? _closeSeenAt : relay.Time.GetTimestamp();
            again = _tail.TakeAll(reference, out replayed);
            if (relay.Options.ReplayTail > TimeSpan.Zero) settled = _past.Before(reference);
        }
        else
        {
            _tail.Clear();
        }
        long unacknowledged = _window.Messages;
        if (relay.Options.AcknowledgesMessages)
        {
            _window.Visit((position, frame) =>
            {
                if (!connection.IsAcknowledgedAhead(position)) return;
                connection.RememberAcknowledged(frame);
                unacknowledged--;
            });
        }
        BlockList window = _window.TakeAll(settled);
        again.Append(ref window);
        string endpoint = connection.Endpoint.ToString();
        Judge(again, unacknowledged + replayed, end, endpoint);
        relay.Queue.GiveBack(ref again);
        if (end is { InOrder: true, Pause: not null }) relay.Log.RelayMustWait(relay.Options.Name, endpoint, end.Reason, unacknowledged);
        else if (end is not null) relay.Log.RelayConnectionLost(relay.Options.Name, endpoint, end.Reason, unacknowledged, replayed);
    }

    /// <summary>A replay proves nothing, because it was delivered before.</summary>
    private void NoteDelivered(Block block)
    {
        if (block.IsReplay) return;
        _hasDelivered = true;
        relay.Backoff.Reset();
    }

    /// <summary>
    /// Whether something was written or acknowledged when the peer announced its close, or shortly before. A peer that closes repeatedly
    /// over the same messages and nothing new has read them: it just keeps its connections short.
    /// </summary>
    private bool IsInDoubt(RelayConnection connection)
    {
        _closesInVain = _hasDelivered ? 0 : _closesInVain + 1;
        return _closesInVain < RefusalSearch.Patience && relay.Time.GetElapsedTime(_progressAt, _closeSeenAt) < MomentOf(connection);
    }

    /// <summary>
    /// How long data may be in flight: to the peer and back, and to its program, whose close_notify then comes back. The program may
    /// have written that before it read the latest data.
    /// </summary>
    private static TimeSpan MomentOf(RelayConnection connection) => TimeSpan.FromSeconds(0.1) + 2 * (connection.RoundTrip ?? TimeSpan.Zero);

    /// <summary>
    /// Judges connections that repeatedly end badly with the same first message: one of those to be sent may be the reason. A peer that has
    /// stopped reading acknowledges what its kernel has room for, which is no progress.
    /// </summary>
    private void Judge(in BlockList again, long messages, ConnectionEnd? end, string endpoint)
    {
        if (end is not { InOrder: false })
        {
            search.Forget();
            return;
        }
        if (relay.Stop.IsOutOfTime || relay.Options.NamesRefusals) return;
        uint first = again.First is { } block ? Crc32C.Of(block.Bytes.Span[..BlockFrames.LengthOf(block.Bytes.Span)]) : 0;
        if (search.Ended(first, messages, _hasDelivered && !end.IsSilence)) relay.Log.RelaySearches(relay.Options.Name, endpoint);
    }
}
