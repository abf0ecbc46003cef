using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Targets.Relays;

/// <summary>
/// The connections of a <see cref="RefusalSearch"/>: each carries the first blocks, or part of the first. Owned by the relay's loop.
/// </summary>
internal sealed class RefusalTrials(RelayContext relay, RefusalSearch search)
{
    /// <summary>A peer that has read everything answers a close with its own within this time.</summary>
    private static readonly TimeSpan FateLimit = TimeSpan.FromSeconds(3);

    /// <summary>Time that a peer gets to close a connection over what it received last, before the relay closes it.</summary>
    private static readonly TimeSpan ReactionTime = TimeSpan.FromSeconds(0.5);

    private bool IsLeaving => relay.Stop.IsDetaching || relay.Stop.IsOutOfTime;

    private enum Fate
    {
        /// <summary>The peer has read it, or has acknowledged it by RELP.</summary>
        Taken,

        /// <summary>The peer closed the connection over it.</summary>
        Closed,

        /// <summary>The peer did nothing: it acknowledges no more, or keeps the connection although the relay has closed it.</summary>
        Silent,

        /// <summary>The relay leaves before it is known.</summary>
        Unknown,
    }

    /// <summary>Runs one trial on a connection, and disposes that; returns how long to wait before the next.</summary>
    public async Task<TimeSpan> RunAsync(RelayConnection connection)
    {
        string endpoint = connection.Endpoint.ToString();
        Block? block = relay.Queue.TryTake();
        Block? behind = block is { Messages: 1 } && search.NeedsWitness ? relay.Queue.TryTake() : null;
        List<Block> more = [];

        // A RELP peer names the message that it refuses, and needs no time to react.
        int most = relay.Options.AcknowledgesMessages ? 1 : search.Blocks;
        while (block is not null && more.Count < most - 1 && relay.Queue.TryTake() is { } next) more.Add(next);
        Fate fate = Fate.Unknown;
        Trial trial = default;
        bool isStuck = false;
        int answered = 0;
        int bytes = 0;
        if (block is null)
        {
            search.Forget();
        }
        else
        {
            trial = search.Next(block.Messages, hasOthers: block.Messages > 1 || behind is not null);
            isStuck = search.NeedsWitness && !trial.IsWitness;
            ReadOnlyMemory<byte> part = PartOf(block, behind, trial);
            bytes = part.Length;
            long start = connection.Written;
            relay.Mark.Waits(LoopWait.Peer);
            await using (relay.Stop.Watch(connection).ConfigureAwait(false))
            {
                fate = await SendAloneAsync(connection, part, more).ConfigureAwait(false);
            }
            if (relay.Options.AcknowledgesMessages) answered = (int)((connection.Acknowledged ?? start) - start);
        }
        string reason = connection.Ended?.Reason ?? (fate == Fate.Closed ? "the peer closed the connection because of what it received" : "the peer is silent");
        search.PeerCloses |= fate == Fate.Closed;
        search.PeerAnswersClose |= fate == Fate.Taken;

        // HAProxy 2.6's log-forward never answers a close. If the peer closes at once over what it refuses, it has read this.
        bool isQuiet = fate == Fate.Silent && connection.Ended is null && connection.Acknowledged >= connection.Written;
        if (isQuiet && search is { PeerCloses: true, PeerAnswersClose: false }) fate = Fate.Taken;
        relay.Mark.Waits(LoopWait.Peer);
        await connection.DisposeAsync().ConfigureAwait(false);
        relay.Mark.Works();
        relay.Counters.Disconnected();
        bool hasFailed = fate is Fate.Closed or Fate.Silent;
        if (hasFailed) relay.Log.RelayConnectionLost(relay.Options.Name, endpoint, reason, trial.Messages + more.Sum(static b => b.Messages), 0);
        Block? rest = block;
        if (fate != Fate.Unknown && trial.IsWitness) search.WitnessHeard(fate == Fate.Taken);
        else if (hasFailed && more.Count > 0) search.FailedTogether();
        else if (fate == Fate.Taken)
        {
            search.Taken(trial.Messages + more.Sum(static b => b.Messages));
            rest = TakeFront(block!, trial.Messages, bytes);
            foreach (Block taken in more) TakeFront(taken, taken.Messages, taken.Length);
            more.Clear();
        }
        else if (hasFailed) rest = await FailFrontAsync(connection, block!, trial.Messages, answered, endpoint).ConfigureAwait(false);

        BlockList again = default;
        if (rest is not null) again.Append(rest);
        if (behind is not null) again.Append(behind);
        foreach (Block unsent in more) again.Append(unsent);
        relay.Queue.GiveBack(ref again);
        if (!hasFailed) return TimeSpan.Zero;
        return search.IsOn && !isStuck ? Backoff.First : relay.Backoff.Next();
    }

    private static ReadOnlyMemory<byte> PartOf(Block block, Block? behind, Trial trial)
    {
        if (!trial.IsWitness)
            return block.Bytes[..BlockFrames.First(block.Bytes.Span, int.MaxValue, trial.Messages, out _)];
        ReadOnlyMemory<byte> others = behind?.Bytes ?? block.Bytes[BlockFrames.LengthOf(block.Bytes.Span)..];
        return others[..BlockFrames.LengthOf(others.Span)];
    }

    /// <summary>
    /// Sends this part and nothing else, then closes. A RELP peer answers each message. Any other peer first gets time to close, which
    /// means that it refuses what it received; if its close follows ours, it has read everything, because otherwise it resets.
    /// </summary>
    private async Task<Fate> SendAloneAsync(RelayConnection connection, ReadOnlyMemory<byte> part, List<Block> more)
    {
        relay.Pace?.Spend(part.Length);
        bool isWritten = await connection.WriteAsync(part, relay.Deadlines.Write).ConfigureAwait(false);
        foreach (Block block in more) isWritten = isWritten && await connection.WriteAsync(block.Bytes, relay.Deadlines.Write).ConfigureAwait(false);
        long progressAt = relay.Time.GetTimestamp();
        long movedTo = 0;
        long end = connection.Written;
        while (isWritten && connection.Ended is null && connection.Look(out long moved) is { } acknowledged)
        {
            if (IsLeaving) return Fate.Unknown;
            if (moved > movedTo)
            {
                movedTo = moved;
                progressAt = relay.Time.GetTimestamp();
            }
            if (connection.PeerCloses) return Fate.Closed;
            if (acknowledged < end && relay.Time.GetElapsedTime(progressAt) > relay.Deadlines.Acknowledge) return Fate.Silent;
            if (acknowledged >= end)
            {
                if (!relay.Options.AcknowledgesMessages) await WaitForReactionAsync(connection).ConfigureAwait(false);
                if (IsLeaving) return Fate.Unknown;
                if (connection.PeerCloses || connection.IsReset) return Fate.Closed;
                if (connection.Ended is not null) return Fate.Silent;
                await connection.CloseAsync(FateLimit).ConfigureAwait(false);
                return connection.HasReadEverything ? Fate.Taken : connection.IsReset ? Fate.Closed : Fate.Silent;
            }
            relay.Wake.AskWithin(RelayWake.Urgent);
            await relay.Wake.WaitAsync().ConfigureAwait(false);
        }
        return IsLeaving ? Fate.Unknown : connection.IsReset || connection.PeerCloses ? Fate.Closed : Fate.Silent;
    }

    private async Task WaitForReactionAsync(RelayConnection connection)
    {
        long since = relay.Time.GetTimestamp();
        while (!connection.PeerCloses && connection.Ended is null && !IsLeaving && relay.Time.GetElapsedTime(since) < ReactionTime)
        {
            relay.Wake.AskWithin(RelayWake.Urgent);
            await relay.Wake.WaitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Settles the front of the block; returns the rest, or null when nothing is left.</summary>
    private Block? TakeFront(Block block, int messages, int bytes)
    {
        relay.Backoff.Reset();
        if (messages >= block.Messages)
        {
            relay.Queue.Settle(block);
            relay.Queue.Recycle(block);
            return null;
        }
        relay.Queue.SettleFirst(block, messages, bytes);
        block.DropFirst(messages, bytes);
        return block;
    }

    /// <summary>Returns the rest after a failure. A RELP peer has named the refused message, and answered those before it.</summary>
    private async Task<Block?> FailFrontAsync(RelayConnection connection, Block block, int messages, int answered, string endpoint)
    {
        Block? rest = block;
        if (answered > 0 && answered < messages)
        {
            search.Taken(answered);
            rest = TakeFront(block, answered, BlockFrames.First(block.Bytes.Span, int.MaxValue, answered, out _));
            messages -= answered;
        }
        if (rest is null || !search.Failed(connection.Ended is { IsRefusal: true } ? 1 : messages)) return rest;
        Block refused = rest.Messages > 1 ? rest.SplitFirst(BlockFrames.LengthOf(rest.Bytes.Span)) : rest;
        if (refused == rest) rest = null;
        relay.Mark.Waits(LoopWait.Disk);
        string kept = await relay.PutAside.KeepAsync(refused.Bytes).ConfigureAwait(false);
        relay.Mark.Works();
        relay.Log.RelayRefused(relay.Options.Name, endpoint, refused.Length, kept);
        relay.Queue.Refuse(refused);
        relay.Queue.Recycle(refused);
        return rest;
    }
}
