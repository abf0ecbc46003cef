using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Targets.Relays;

/// <summary>Step 7 for relays: moves blocks from the queue to a connection until that is over. Owned by the relay's loop.</summary>
internal sealed class RelayPump(RelayContext relay, RelayEndpointCycle endpoints, InFlightMessages inFlight)
{
    /// <summary>Interval between polls while blocks are written without a pause.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Uses a connection and disposes it; what it has not delivered is back in the queue then. The result says how it ended; null = the
    /// relay closed it, because the first endpoint is back, the relay detaches, or everything is delivered at a stop.
    /// </summary>
    public async Task<ConnectionEnd?> RunAsync(RelayConnection connection)
    {
        inFlight.Begin();
        ConnectionEnd? end;
        await using (relay.Stop.Watch(connection).ConfigureAwait(false))
        {
            end = await MoveAsync(connection).ConfigureAwait(false);
        }
        relay.Mark.Waits(LoopWait.Peer);
        if (end is null) await connection.CloseAsync(relay.Deadlines.Farewell).ConfigureAwait(false);
        inFlight.Settle(connection);
        await inFlight.PutRefusedAsideAsync(connection).ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
        relay.Mark.Works();
        relay.Counters.Disconnected();
        inFlight.GiveBack(connection, end);
        return end;
    }

    private async Task<ConnectionEnd?> MoveAsync(RelayConnection connection)
    {
        RelayStop stop = relay.Stop;
        long askedAt = 0;
        bool isWritten = false;
        while (true)
        {
            relay.Mark.Works();

            // What was just written is polled with the next block; during a backlog without a pause it is polled at intervals.
            if (!isWritten || inFlight.IsFull || relay.Time.GetElapsedTime(askedAt) > AskEvery)
            {
                inFlight.Settle(connection);
                if (InFlightMessages.IsRefused(connection)) await inFlight.PutRefusedAsideAsync(connection).ConfigureAwait(false);
                askedAt = relay.Time.GetTimestamp();
            }
            isWritten = false;
            if (connection.Ended is { } ended) return ended;
            if (stop.IsOutOfTime) return new ConnectionEnd("the server stopped before all messages were acknowledged", InOrder: false);
            if (inFlight.Silence > relay.Deadlines.Acknowledge)
            {
                relay.Log.RelayPeerSilent(relay.Options.Name, connection.Endpoint.ToString(), relay.Deadlines.Acknowledge);
                return new ConnectionEnd("the peer stopped acknowledging", InOrder: false, IsSilence: true);
            }

            // A closing peer gets nothing new, but time to acknowledge what is in flight, if it still does.
            if (inFlight.IsClosedByPeer(connection) && (inFlight.IsEmpty || connection.AcknowledgesNoMore))
            {
                relay.Mark.Waits(LoopWait.Peer);
                return await connection.AnswerCloseAsync(relay.Deadlines.Farewell).ConfigureAwait(false);
            }
            bool leaving = endpoints.FirstIsBack || stop.IsDetaching || connection.PeerCloses;
            if (leaving && inFlight.IsEmpty) return null;
            TimeSpan wait = relay.Pace?.UntilNext ?? TimeSpan.Zero;
            Block? block = inFlight.IsFull || connection.IsFull || leaving || wait > TimeSpan.Zero ? null : relay.Queue.TryTake();
            if (block is null)
            {
                if (inFlight.IsEmpty && stop.IsStopping && relay.Queue.IsEmpty) return null;
                bool isUrgent = inFlight.IsFull || connection.IsFull || leaving || stop.IsStopping;
                if (inFlight.IsFull || leaving || stop.IsStopping) connection.Push();
                if (!inFlight.IsEmpty) relay.Wake.AskWithin(isUrgent ? RelayWake.Urgent : relay.Queue.WakesForSettling ? RelayWake.Rare : RelayWake.Usual);
                if (wait > TimeSpan.Zero) relay.Wake.AtRate(wait);
                relay.Mark.Waits(!inFlight.IsEmpty ? LoopWait.Peer : wait > TimeSpan.Zero ? LoopWait.Rate : LoopWait.Work);
                await relay.Wake.WaitAsync().ConfigureAwait(false);
                continue;
            }

            relay.Pace?.Spend(block.Length);
            inFlight.Add(block, connection.Written);
            isWritten = await WriteAsync(connection, block).ConfigureAwait(false);
            if (isWritten) inFlight.Close(connection.Written);
        }
    }

    /// <summary>Settles what a slow peer acknowledges during the write, because a block may take minutes.</summary>
    private async ValueTask<bool> WriteAsync(RelayConnection connection, Block block)
    {
        ValueTask<bool> writing = connection.WriteAsync(block, relay.Deadlines.Write);
        if (writing.IsCompleted) return await writing.ConfigureAwait(false);
        Task<bool> slow = writing.AsTask();
        slow.GetAwaiter().OnCompleted(relay.Wake.Set);
        while (!slow.IsCompleted)
        {
            relay.Wake.AskWithin(RelayWake.Usual);
            relay.Mark.Waits(LoopWait.Peer);
            await relay.Wake.WaitAsync().ConfigureAwait(false);
            relay.Mark.Works();
            inFlight.Settle(connection);
        }
        return await slow.ConfigureAwait(false);
    }
}
