using Concentrator.Bytes;
using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;

namespace Concentrator.Targets.Relays;

/// <summary>Decides which messages of a connection that has ended are sent again.</summary>
internal sealed partial class RelayTarget
{
    /// <summary>
    /// Decides the delivery guarantee: unacknowledged messages are always sent again; acknowledged ones only if
    /// the peer may not have read them. While something is unacknowledged the peer makes no progress, so the span of possibly unread
    /// messages is counted back from its last acknowledgement, otherwise from now.
    /// </summary>
    private void GiveBackUndelivered(RelayConnection connection, string endpoint, ConnectionEnd? end)
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
            long reference = !_window.IsEmpty ? _progressAt : end.Discards == Discarded.Tail ? _closeSeenAt : _time.GetTimestamp();
            again = _tail.TakeAll(reference, out replayed);
            if (_options.ReplayTail > TimeSpan.Zero) settled = _past.Before(reference);
        }
        else
        {
            _tail.Clear();
        }
        long unacknowledged = _window.Messages;
        BlockList window = _window.TakeAll(settled);
        again.Append(ref window);
        Judge(again, unacknowledged + replayed, end, endpoint);
        Queue.GiveBack(ref again);
        if (end is not null) _log.RelayConnectionLost(_options.Name, endpoint, end.Reason, unacknowledged, replayed);
    }

    /// <summary>
    /// Whether something was written or acknowledged when the peer announced its close, or shortly before. A peer that closes repeatedly
    /// over the same messages and nothing new has read them: it just keeps its connections short.
    /// </summary>
    private bool IsInDoubt(RelayConnection connection)
    {
        _closesInVain = _hasDelivered ? 0 : _closesInVain + 1;
        return _closesInVain < RefusalSearch.Patience && _time.GetElapsedTime(_progressAt, _closeSeenAt) < MomentOf(connection);
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
            _search.Forget();
            return;
        }
        if (_giveUp.IsCancellationRequested) return;
        uint first = again.First is { } block ? Crc32C.Of(block.Bytes.Span[..BlockFrames.LengthOf(block.Bytes.Span)]) : 0;
        if (_search.Ended(first, messages, _hasDelivered && !end.IsSilence)) _log.RelaySearches(_options.Name, endpoint);
    }

    /// <summary>Also records when the close was first seen, which is soon, because the connection wakes the loop.</summary>
    private bool IsClosedByPeer(RelayConnection connection)
    {
        if (!connection.PeerCloses) return false;
        if (_closeSeenAt == 0) _closeSeenAt = _time.GetTimestamp();
        return true;
    }
}
