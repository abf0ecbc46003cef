using System.Text;
using System.Text.Json;
using NATS.Client.Core;

namespace Concentrator.JetStream.ClusterLedger;

/// <summary>
/// Publishes the record of a member over one session: when it has changed, at most every <see cref="Every"/>, when somebody asks, and as the last thing of an
/// orderly stop. It has no timer and no thread: its owner calls <see cref="Look"/> where it looks after the session anyway. Whatever fails here is said
/// once and delays nobody; messages go on. The owner calls <see cref="Begin"/> first, and <see cref="EndedAsync"/> when the session is disposed of.
/// </summary>
internal sealed class LedgerShare(NatsSession session, LedgerMember member)
{
    /// <summary>The shortest time between two records that nobody has asked for.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>Questions are answered one at a time, with this pause: who asks without end gets no more.</summary>
    private static readonly TimeSpan AnswerPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Bytes of the longest word of a question.</summary>
    private const int MostWord = 64;

    private readonly SemaphoreSlim _one = new(1);
    private Task _answering = Task.CompletedTask;
    private Task _publishing = Task.CompletedTask;
    private long _lookedAt;
    private int _notFound;
    private bool _isFound;
    private byte[] _stored = [];

    private string[] OurSubjects =>
    [
        LedgerNames.AskOf(member.Stream), Subject,
        $"$JS.API.STREAM.INFO.{LedgerNames.StreamOf(member.Stream)}", $"$JS.API.STREAM.CREATE.{LedgerNames.StreamOf(member.Stream)}",
    ];

    private string Subject { get; } = LedgerNames.SubjectOf(member.Stream, member.Read().Member);

    /// <summary>Listens to questions from now on, and publishes the first record.</summary>
    public void Begin()
    {
        session.SetAside(OurSubjects, member.SayOnce);
        _answering = AnswerAsync();
        Look();
    }

    /// <summary>Publishes if it is time to, without waiting for it. One caller at a time; it costs a comparison where it is not time.</summary>
    public void Look()
    {
        long now = member.Time.GetTimestamp();
        if ((_lookedAt != 0 && member.Time.GetElapsedTime(_lookedAt, now) < Every) || !_publishing.IsCompleted) return;
        _lookedAt = now;
        _publishing = PublishAsync(answers: null);
    }

    /// <summary>Publishes the last record; waits at most so long for the stream to have it.</summary>
    public Task FinishAsync(TimeSpan limit) => PublishAsync(answers: null).WaitAsync(limit).ContinueWith(
        static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Completes when nothing of this is running any more, which the end of the session brings about.</summary>
    public Task EndedAsync() => Task.WhenAll(_answering, _publishing);

    private async Task AnswerAsync()
    {
        try
        {
            // Questions that are behind are worth nothing, and may not hold up the session.
            NatsSubOpts options = new() { ChannelOpts = new NatsSubChannelOpts { Capacity = 4, FullMode = System.Threading.Channels.BoundedChannelFullMode.DropOldest } };
            INatsSub<byte[]> questions = await session.Connection.SubscribeCoreAsync(
                LedgerNames.AskOf(member.Stream), serializer: NatsRawSerializer<byte[]>.Default, opts: options, cancellationToken: session.Over).ConfigureAwait(false);
            await foreach (NatsMsg<byte[]> question in questions.Msgs.ReadAllAsync(session.Over).ConfigureAwait(false))
            {
                if (question.Data is not { Length: > 0 and <= MostWord } word || !word.All(static b => char.IsAsciiHexDigitLower((char)b))) continue;
                await PublishAsync(Encoding.ASCII.GetString(word)).ConfigureAwait(false);
                await Task.Delay(AnswerPause, member.Time, session.Over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Expected: the session is over.
        }
    }

    private async Task PublishAsync(string? answers)
    {
        try
        {
            await _one.WaitAsync(session.Over).ConfigureAwait(false);
            try
            {
                if (!session.IsRefused(Subject)) await PublishOneAsync(answers).ConfigureAwait(false);
            }
            finally
            {
                _one.Release();
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Expected: the session is over; the next one publishes.
        }
    }

    private async Task PublishOneAsync(string? answers)
    {
        if (!_isFound) await FindStreamAsync().ConfigureAwait(false);
        LedgerRecord record = member.Read();
        byte[] figures = LedgerRecordJson.Write(record with { At = default });
        if (answers is null && figures.AsSpan().SequenceEqual(_stored)) return;
        byte[] bytes = LedgerRecordJson.Write(record with { At = member.Time.GetUtcNow(), Answers = answers });
        if (!_isFound)
        {
            // Nobody keeps it, but who asks hears it.
            await session.TellAsync(Subject, bytes).ConfigureAwait(false);
            return;
        }
        (JsonDocument? answer, ApiError? error) = await session.AskAsync(Subject, bytes, CancellationToken.None).ConfigureAwait(false);
        using (answer)
        {
            if (answer is not null && Json.Text(answer.RootElement, "stream") == LedgerNames.StreamOf(member.Stream)) _stored = figures;
            else if (answer is not null) member.SayOnce($"subject {Subject} belongs to another stream than {LedgerNames.StreamOf(member.Stream)}: the ledger of the cluster lacks this server");
            else if (session.Ended is null && !session.IsRefused(Subject)) member.SayOnce($"stream {LedgerNames.StreamOf(member.Stream)} did not take the ledger's record: {error}");
        }
    }

    /// <summary>Who may create it does; others say how on the second try, because the first edge may just be about to.</summary>
    private async Task FindStreamAsync()
    {
        (_, ApiError? error) = await StreamApi.FindAsync(session, LedgerNames.StreamOf(member.Stream), CancellationToken.None).ConfigureAwait(false);
        if (error is { Number: ApiError.StreamNotFound } && member.MayCreate)
            error = await LedgerStream.CreateAsync(session, member.Stream, member.Replicas, CancellationToken.None).ConfigureAwait(false);

        // A user who may only publish cannot ask; then it is taken to be there.
        _isFound = error is null || error.IsDenied || session.IsRefused($"$JS.API.STREAM.INFO.{LedgerNames.StreamOf(member.Stream)}");
        if (_isFound || error is not { Number: ApiError.StreamNotFound } || ++_notFound < 2) return;
        member.SayOnce(
            $"stream {LedgerNames.StreamOf(member.Stream)} does not exist, so the ledger of the cluster (concentrator status --cluster) knows no server that is gone; run: "
            + LedgerStream.CommandFor(member.Stream, member.Replicas));
    }

    private static bool IsEnd(Exception e) =>
        e is NatsException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException or System.Threading.Channels.ChannelClosedException;
}
