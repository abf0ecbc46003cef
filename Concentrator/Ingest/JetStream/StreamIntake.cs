using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.JetStream;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using NATS.Client.Core;

namespace Concentrator.Ingest.JetStream;

/// <summary>
/// Step 1 of the journey for streams of NATS: fetches messages over a session, and does steps 2 to 6 for them, one message of the stream
/// after the other, so that each has a receipt of its own. Used by one loop.
/// </summary>
internal sealed class StreamIntake(
    ListenerOptions options, IngestContext context, ListenerCounters counters, IngestLane lane, PendingMessages pending, StreamTotals totals, LoopHeartbeat mark, Task outOfTime)
{
    /// <summary>Messages of one request.</summary>
    private const int MostAtOnce = 64;

    /// <summary>How long a request waits in the server; a server that says nothing until a moment after it is asked again.</summary>
    private static readonly TimeSpan Expires = TimeSpan.FromSeconds(5), Grace = TimeSpan.FromSeconds(2);

    /// <summary>Pause while everything that may be pending is.</summary>
    private static readonly TimeSpan RoomPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Pause after a request that the server refused.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(1);

    private readonly NatsListenerOptions _nats = options.Nats!;

    private enum Outcome
    {
        Goes,
        RequestEnded,
        RequestRefused,
    }

    /// <summary>Fetches until the session is over, or stopped; returns why.</summary>
    public async Task<string> RunAsync(NatsSession session, CancellationToken stop)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, session.Over);
        string refused = "";
        session.Watch(static _ => { }, what => refused = what);
        try
        {
            string inbox = session.NewInbox();
            INatsSub<NatsMemoryOwner<byte>> messages = await session.Connection.SubscribeCoreAsync(
                inbox, serializer: NatsRawSerializer<NatsMemoryOwner<byte>>.Default,
                opts: new NatsSubOpts { ChannelOpts = new NatsSubChannelOpts { Capacity = 4 * MostAtOnce } }, cancellationToken: session.Over).ConfigureAwait(false);
            while (!either.IsCancellationRequested && refused.Length == 0 && !session.IsLeaving)
            {
                int room = Math.Min(MostAtOnce, pending.Room);
                if (room == 0)
                {
                    mark.Waits(LoopWait.Room);
                    await Task.Delay(RoomPause, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    continue;
                }
                await FetchAsync(session, messages, inbox, room, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            // Expected: the session is over.
            return session.Ended ?? Configuration.Values.Problem.OneLine(e.Message);
        }
        return session.Ended ?? (refused.Length > 0 ? $"the server refuses: {refused}" : "the server leaves (lame duck)");
    }

    /// <summary>
    /// One request: takes what comes until all of it is here, or the server ends it. A stop takes what has come: it would be given out again, late.
    /// </summary>
    private async Task FetchAsync(NatsSession session, INatsSub<NatsMemoryOwner<byte>> messages, string inbox, int most, CancellationToken stop)
    {
        await session.Connection.PublishAsync(
            $"$JS.API.CONSUMER.MSG.NEXT.{_nats.Stream}.{_nats.Consumer}", ConsumerApi.Next(most, Expires), replyTo: inbox,
            serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: session.Over).ConfigureAwait(false);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stop, session.Over);
        patience.CancelAfter(Expires + Grace);
        for (int taken = 0; taken < most;)
        {
            NatsMsg<NatsMemoryOwner<byte>> message;
            mark.Waits(LoopWait.Work);
            try
            {
                if (!messages.Msgs.TryRead(out message)) message = await messages.Msgs.ReadAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!session.Over.IsCancellationRequested)
            {
                // Expected: a stop, or a server that has forgotten the request.
                return;
            }
            mark.Works();
            using NatsMemoryOwner<byte> data = message.Data;
            switch (OutcomeOf(message))
            {
                case Outcome.RequestEnded:
                    return;
                case Outcome.RequestRefused:
                    mark.Waits(LoopWait.Peer);
                    await Task.Delay(RefusedPause, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    return;
                default:
                    taken++;
                    await TakeAsync(session, message).ConfigureAwait(false);
                    break;
            }
        }
    }

    /// <summary>A status of the server's in place of a message: it has no reply subject, and a code in its header line.</summary>
    private Outcome OutcomeOf(in NatsMsg<NatsMemoryOwner<byte>> message)
    {
        if (message.HasNoResponders) return Outcome.RequestRefused;
        if (message.Headers is not { Code: > 0 } status || message.ReplyTo is not null) return Outcome.Goes;
        if (status.Code is 404 or 408) return Outcome.RequestEnded;
        if (status.Code == 100) return Outcome.Goes;
        context.Log.StreamRequestRefused(options.Name, _nats.Stream, _nats.Consumer, status.Code, Configuration.Values.Problem.OneLine(status.MessageText));
        return Outcome.RequestRefused;
    }

    private async ValueTask TakeAsync(NatsSession session, NatsMsg<NatsMemoryOwner<byte>> message)
    {
        if (message.ReplyTo is not { } reply) return;
        if (StreamMessage.TimesDelivered(reply) > 1 && pending.TryRenew(StreamMessage.SequenceOf(reply), reply, context.Time.GetTimestamp())) return;
        int messages;
        switch (StreamMessage.Look(message.Headers, message.Data.Memory.Span))
        {
            case MessageContent.Broken:
                counters.AddFramingViolation();
                messages = StreamMessage.Claimed(message.Headers);
                totals.AddUnusable(messages);
                context.Log.StreamBlockBroken(options.Name, _nats.Stream, message.Subject, message.Data.Length);
                if (!await session.TellAsync(reply, StreamAnswers.Unusable).ConfigureAwait(false)) totals.TakeBackUnusable(messages);
                return;
            case MessageContent.Newer:
                context.Log.StreamBlockNewer(options.Name, _nats.Stream, message.Subject);
                await session.TellAsync(reply, StreamAnswers.GiveBackLater).ConfigureAwait(false);
                return;
            case MessageContent.Block:
                await WaitForRoomAsync().ConfigureAwait(false);
                messages = AcceptBlock(message.Data.Memory.Span);
                break;
            default:
                await WaitForRoomAsync().ConfigureAwait(false);
                messages = AcceptOne(message.Data.Memory.Span);
                break;
        }
        Add(reply, messages);
        if (_nats.Acknowledge != NatsAcknowledge.Queued) return;
        totals.AddSettled(messages);
        if (!await session.TellAsync(reply, StreamAnswers.Done).ConfigureAwait(false)) totals.TakeBackSettled(messages);
    }

    private int AcceptBlock(ReadOnlySpan<byte> block)
    {
        int messages = 0;
        lane.BeginBatch();
        while (StreamMessage.TryTake(ref block, out ReadOnlySpan<byte> frame))
        {
            messages++;
            if (!frame.IsEmpty) lane.Accept(frame, truncated: false, context.Host.Bytes, default);
        }
        lane.EndBatch();
        return messages;
    }

    private int AcceptOne(ReadOnlySpan<byte> message)
    {
        lane.BeginBatch();
        if (!message.IsEmpty) lane.Accept(message, truncated: false, context.Host.Bytes, default);
        lane.EndBatch();
        return 1;
    }

    private void Add(string reply, int messages)
    {
        if (StreamMessage.TimesDelivered(reply) > 1)
        {
            counters.AddRedelivered(messages);
            totals.AddRedelivered(messages);
        }
        DeliveryReceipt receipt = lane.TakeReceipt();
        lane.Publish();
        pending.Add(new PendingMessage(StreamMessage.SequenceOf(reply), messages, receipt, Answers: _nats.Acknowledge == NatsAcknowledge.Delivered)
        {
            Reply = reply,
            ToldAt = context.Time.GetTimestamp(),
        });
    }

    /// <summary>Waits while the queues have no room, as a stream connection does.</summary>
    private async ValueTask WaitForRoomAsync()
    {
        foreach (Task room in (Task[])[context.WhenFullBarrier.Room, context.WhenFullBarrier.StreamReadPause.Low])
        {
            if (room.IsCompleted) continue;
            mark.Waits(LoopWait.Room);
            await Task.WhenAny(room, outOfTime).ConfigureAwait(false);
            mark.Works();
        }
    }
}
