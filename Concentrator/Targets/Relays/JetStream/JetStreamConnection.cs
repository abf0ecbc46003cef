using System.Collections.Concurrent;
using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.JetStream;
using Concentrator.JetStream.ClusterLedger;
using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;
using NATS.Client.Core;

namespace Concentrator.Targets.Relays.JetStream;

/// <summary>
/// A session that publishes blocks to a stream, several at a time. Both positions count messages. A publication is acknowledged when a quorum of
/// the stream's servers has stored it; each has an id that it also has when it is sent again, so that it is stored once
/// (<see cref="Queues.BlockIdentity"/>).
/// <para>
/// A block becomes one publication; a longer one than the server takes becomes several, cut between messages and from its front, so that what
/// is left after a part was acknowledged is cut at the same places.
/// </para>
/// </summary>
internal sealed class JetStreamConnection : RelayConnection
{
    /// <summary>Blocks on their way: 2 MB, at a round trip of 10 ms with three servers' disks 200 MB a second.</summary>
    public const int MostBlocks = 32;

    /// <summary>Single messages on their way.</summary>
    public const int MostMessages = 1024;

    /// <summary>
    /// A publication that is not answered for so long was lost: servers that elect a leader drop what comes meanwhile, without an answer.
    /// </summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>How long the end of a session may wait for the ledger, in time and at the end of a stop's.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1), FarewellOutOfTime = TimeSpan.FromMilliseconds(200);

    private readonly NatsSession _session;
    private readonly PublishingOutput? _output;
    private readonly NatsOutputOptions _options;
    private readonly string _subject;
    private readonly int _limit;
    private readonly Publications _publications;
    private readonly SemaphoreSlim _room;
    private readonly ConcurrentQueue<long> _tooLong = new();
    private readonly Timer _watch;
    private readonly LedgerShare? _ledger;
    private string _inbox = "";
    private Task _reading = Task.CompletedTask;
    private volatile bool _abandoned;

    /// <param name="limit">Bytes of a publication with its headers.</param>
    /// <param name="output">Null for a connection that publishes nothing.</param>
    public JetStreamConnection(RelayEndpoint server, NatsSession session, NatsOutputOptions options, int limit, PublishingOutput? output, Action onChange)
        : base(server, onChange)
    {
        _session = session;
        _output = output;
        _ledger = output?.Ledger is { } member ? new LedgerShare(session, member) : null;
        _options = options;
        _subject = SubjectNames.Of(_options.Subject);
        _limit = Math.Max(1, limit - BlockHeaders.MostBytes);
        int most = _options.Batch == NatsBatch.Block ? MostBlocks : MostMessages;
        _publications = new Publications(most);
        _room = new SemaphoreSlim(most);
        _watch = new Timer(_ => LookForSilence());
    }

    public override long Written => _publications.Written;

    public override long? Acknowledged => Look(out _);

    /// <summary>The stream holds what it has acknowledged.</summary>
    public override bool HasReadEverything => true;

    public override bool IsFull => _publications.IsFull;

    public override bool PeerCloses => _session.IsLeaving;

    public override bool AcknowledgesNoMore => Ended is not null;

    /// <summary>Subscribes to the answers. Call it once, before anything is written.</summary>
    /// <exception cref="NatsException">The server refuses.</exception>
    public async Task BeginAsync()
    {
        _inbox = _session.NewInbox();
        NatsSubOpts options = new() { ChannelOpts = new NatsSubChannelOpts { Capacity = 4 * MostMessages } };

        // The token ends the subscription too, so it may not be one that only ends the opening.
        INatsSub<NatsMemoryOwner<byte>> answers = await _session.Connection.SubscribeCoreAsync(
            $"{_inbox}.*", serializer: NatsRawSerializer<NatsMemoryOwner<byte>>.Default, opts: options, cancellationToken: _session.Over).ConfigureAwait(false);
        _session.Watch(onEnd: reason => EndNow(reason, isRefusal: false), onRefusal: RefusedBecause);
        _reading = Task.Run(() => ReadAsync(answers), CancellationToken.None);
        _ledger?.Begin();
        _watch.Change(LookAgain, LookAgain);
    }

    /// <summary>A message that is too long for the server was put aside; it is counted where what is before it is settled, and never twice.</summary>
    public override long? Look(out long moved)
    {
        long acknowledged = moved = _publications.Acknowledged;
        while (_tooLong.TryPeek(out long position) && position < acknowledged && _tooLong.TryDequeue(out _))
        {
            if (_output is null) continue;
            using (_output.Counters.Gate.Enter()) _output.Counters.RefuseUnsynchronized(queued: 0, queuedBytes: 0, delivered: 1);
        }
        return acknowledged;
    }

    /// <summary>Bytes without a place in the queue have no name: sent again, they would be stored again.</summary>
    public override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit) => throw new InvalidOperationException("only blocks of a queue are published");

    public override async ValueTask<bool> WriteAsync(Block block, TimeSpan limit)
    {
        ReadOnlyMemory<byte> rest = block.Bytes;
        int done = 0;
        while (!rest.IsEmpty)
        {
            int most = _options.Batch == NatsBatch.Block ? int.MaxValue : 1;
            int bytes = BlockFrames.First(rest.Span, _limit, most, out int messages);
            bool isTooLong = messages == 0;
            if (isTooLong) (bytes, messages) = (BlockFrames.LengthOf(rest.Span), 1);
            if (!await WaitForRoomAsync(limit).ConfigureAwait(false)) return false;
            ReadOnlyMemory<byte> piece = rest[..bytes];
            if (isTooLong) await PutAsideAsync(piece).ConfigureAwait(false);
            else if (!await PublishAsync(block, done, messages, piece).ConfigureAwait(false)) return false;
            rest = rest[bytes..];
            done += messages;
        }
        return true;
    }

    public override Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit) =>
        Task.FromResult(Ended ?? new ConnectionEnd("the server leaves (lame duck)", InOrder: true));

    public override void Abandon()
    {
        _abandoned = true;
        EndNow("the server is stopping", isRefusal: false);
    }

    /// <summary>NATS has no farewell: everything is acknowledged, or sent again.</summary>
    public override Task CloseAsync(TimeSpan limit) => Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync().ConfigureAwait(false);

        // What was delivered is counted by now.
        if (_ledger is not null && _session.Ended is null) await _ledger.FinishAsync(_abandoned ? FarewellOutOfTime : Farewell).ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        if (_ledger is not null) await _ledger.EndedAsync().ConfigureAwait(false);
    }

    private async ValueTask<bool> WaitForRoomAsync(TimeSpan limit)
    {
        try
        {
            if (Ended is null && await _room.WaitAsync(limit, _session.Over).ConfigureAwait(false) && Ended is null) return true;
            End(new ConnectionEnd(FormattableString.Invariant($"the stream acknowledged nothing for {limit.TotalSeconds:0.#} s"), InOrder: false, IsSilence: true));
        }
        catch (OperationCanceledException)
        {
            // Expected: the session is over, and says why.
        }
        return false;
    }

    private async ValueTask<bool> PublishAsync(Block block, int first, int messages, ReadOnlyMemory<byte> piece)
    {
        string id = _output!.Identity.NameOf(block, first, messages, piece.Span);
        NatsHeaders headers = BlockHeaders.Make(_options.Stream, id, _options.Batch == NatsBatch.Block ? messages : null);
        ReadOnlyMemory<byte> payload = piece;
        if (_options.Batch == NatsBatch.Message)
        {
            ReadOnlySpan<byte> text = piece.Span;
            BlockFrames.StepOverCount(ref text);
            payload = piece[^text.Length..];
        }
        long number = _publications.Open(messages, _output.Time.GetTimestamp());
        try
        {
            await _session.Connection.PublishAsync(
                _subject, payload, headers, string.Create(CultureInfo.InvariantCulture, $"{_inbox}.{number}"),
                NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: _session.Over).ConfigureAwait(false);
            return Ended is null;
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            EndNow(_session.Ended ?? Configuration.Values.Problem.OneLine(e.Message), isRefusal: false);
            return false;
        }
    }

    private async ValueTask PutAsideAsync(ReadOnlyMemory<byte> frame)
    {
        string kept = await _output!.PutAside(frame).ConfigureAwait(false);
        _output.Log.RelayTooLong(_output.Name, frame.Length, _limit, kept);
        _tooLong.Enqueue(_publications.Written);
        Answer(_publications.Open(1, _output.Time.GetTimestamp()));
    }

    private async Task ReadAsync(INatsSub<NatsMemoryOwner<byte>> answers)
    {
        try
        {
            await foreach (NatsMsg<NatsMemoryOwner<byte>> message in answers.Msgs.ReadAllAsync(_session.Over).ConfigureAwait(false))
            {
                using NatsMemoryOwner<byte> data = message.Data;
                if (Ended is not null) continue;
                bool isNumber = long.TryParse(message.Subject.AsSpan(_inbox.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number);
                PublishAnswer answer = message.HasNoResponders
                    ? new PublishAnswer(false, false, new ApiError(503, 0, "no stream takes the subject, or its servers elect a leader"))
                    : PublishAnswer.Read(data.Memory);
                if (answer.Error is { } error) EndNow(StreamRefusal.OfPublication(error, _options, _subject), isRefusal: true);
                else if (!isNumber || !Answer(number)) EndNow($"the server answered publication {message.Subject}, which is not open", isRefusal: false);
                else if (answer.IsDuplicate) _output?.Counters.NoteKnown();
            }
            EndNow("the subscription to the answers ended", isRefusal: false);
        }
        catch (OperationCanceledException)
        {
            // Expected: the session is over.
        }
        catch (Exception e)
        {
            EndNow(Configuration.Values.Problem.OneLine(e.Message), isRefusal: false);
        }
    }

    private bool Answer(long number)
    {
        if (!_publications.TryAnswer(number, out int freed)) return false;
        if (freed > 0) _room.Release(freed);
        OnChange();
        return true;
    }

    private void LookForSilence()
    {
        _ledger?.Look();
        long oldest = _publications.OldestOpenedAt;
        if (oldest == 0 || _output is null || _output.Time.GetElapsedTime(oldest) < AnswerLimit) return;
        End(new ConnectionEnd(FormattableString.Invariant($"stream {_options.Stream} has not answered for {AnswerLimit.TotalSeconds:0} s: its servers may elect a leader"), InOrder: false, IsSilence: true));
        OnChange();
    }

    /// <summary>The server refuses one thing: it is the publication. An empty text only says that it leaves.</summary>
    private void RefusedBecause(string what)
    {
        if (what.Length > 0) EndNow($"the server refuses: {what}", isRefusal: true);
        else OnChange();
    }

    private void EndNow(string reason, bool isRefusal)
    {
        End(new ConnectionEnd(_abandoned ? "the server is stopping" : reason, InOrder: false, IsRefusal: isRefusal));
        OnChange();
    }
}
