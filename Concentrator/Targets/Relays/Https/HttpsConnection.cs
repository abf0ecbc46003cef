using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// A session with Sekoia.io's HTTPS intake, over one connection or several. The intake's answer names each event, so both positions count
/// messages: those before <see cref="Acknowledged"/> were taken, or refused by name. Blocks become batches (<see cref="OpenBatches"/>), of
/// which several are on their way at once.
/// <para>
/// The session ends with the first request that is not answered, or is answered with another word than yes, and after the answers to the
/// others have come. It knows which of those were taken (<see cref="AnsweredAhead"/>): only what has no answer is sent again.
/// </para>
/// </summary>
internal sealed class HttpsConnection : RelayConnection
{
    /// <summary>Messages in flight beyond which no further block is begun: as many as sixteen requests of 10,000 events.</summary>
    public const int Window = 163_840;

    // A block begun just below the limit must fit too, even one of 34,816 of the shortest frames ("0 ").
    private const int Capacity = 262_144;

    /// <summary>Bytes below which a request is no more made smaller because the intake found one too large.</summary>
    private const int LeastBatch = 64 * 1024;

    private readonly HttpsIntakeOptions _options;
    private readonly IntakeClient _client;
    private readonly AnsweredAhead _ahead;
    private readonly ITimer _age;
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();

    // Guarded by _gate. Only the loop opens messages; answers come on any thread.
    private readonly AnsweredMessages _messages = new(Capacity);
    private readonly OpenBatches _open;
    private readonly SortedList<long, string> _refused = [];
    private TaskCompletionSource _answered = New();
    private ConnectionEnd? _ending;
    private int _requests;
    private bool _isAgeSet;

    /// <param name="endpoint">The intake.</param>
    /// <param name="options">The output's.</param>
    /// <param name="client">Owned from now on.</param>
    /// <param name="ahead">What the sessions before this one leave; the output's.</param>
    /// <param name="time">The clock of batches.</param>
    /// <param name="onChange">Called from any thread when there is an answer.</param>
    public HttpsConnection(RelayEndpoint endpoint, HttpsIntakeOptions options, IntakeClient client, AnsweredAhead ahead, TimeProvider time, Action onChange)
        : base(endpoint, onChange)
    {
        _options = options;
        _client = client;
        _ahead = ahead;
        _open = new OpenBatches(options, time);
        _age = time.CreateTimer(_ => SendOld(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override long Written => _messages.Opened;

    public override long? Acknowledged => _messages.Acknowledged;

    /// <summary>A slow network acknowledges the bytes of a request long before the intake answers it.</summary>
    public override long? Moved => _messages.Acknowledged + _client.BytesAcknowledged;

    /// <summary>The intake has taken over every event that it has answered.</summary>
    public override bool HasReadEverything => true;

    public override bool IsFull
    {
        get { lock (_gate) return _ending is not null || _open.Complete.Count > 0 || _messages.InFlight >= Window; }
    }

    public override long? Refused
    {
        get { lock (_gate) return _refused.Count == 0 ? null : _refused.Keys[0]; }
    }

    /// <summary>A server may close a connection between two requests; the next request makes another one.</summary>
    public override bool PeerCloses => false;

    public override bool AcknowledgesNoMore => false;

    public override long? Look(out long moved)
    {
        moved = Moved!.Value;
        return Acknowledged;
    }

    public override async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit)
    {
        while (true)
        {
            Task answered;
            lock (_gate)
            {
                if (_ending is null) Add(ref block);
                if (block.IsEmpty) return true;
                if (Ended is not null) return false;
                answered = _answered.Task;
            }
            await answered.ConfigureAwait(false);
        }
    }

    public override void Push()
    {
        lock (_gate)
        {
            _open.CompleteAll();
            Dispatch();
        }
    }

    public override string TakeRefusal()
    {
        lock (_gate)
        {
            string reason = _refused.Values[0];
            _refused.RemoveAt(0);
            return reason;
        }
    }

    public override bool IsAcknowledgedAhead(long position)
    {
        // A refused one is sent again: the next session may not know why it would not send it.
        lock (_gate) return _messages.IsAnswered(position) && !_refused.ContainsKey(position);
    }

    public override void RememberAcknowledged(ReadOnlySpan<byte> frame) => _ahead.Add(frame);

    public override void ForgetAcknowledged()
    {
        lock (_gate) _ahead.Clear();
    }

    /// <summary>Each key has an intake of its own, which may be the one that is not well.</summary>
    public override bool AreAlike(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> other)
    {
        BlockFrames.StepOverCount(ref frame);
        BlockFrames.StepOverCount(ref other);
        return EventFrame.Read(frame).Key.SequenceEqual(EventFrame.Read(other).Key);
    }

    public override Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit) =>
        Task.FromResult(Ended ?? new ConnectionEnd("the intake closed the connection", InOrder: true));

    public override void Abandon()
    {
        lock (_gate) Fail(new ConnectionEnd("the server is stopping", InOrder: false));
        _over.Cancel();
    }

    /// <summary>HTTP has no farewell: a connection over which nothing is on its way is just closed.</summary>
    public override Task CloseAsync(TimeSpan limit) => Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await _age.DisposeAsync().ConfigureAwait(false);
        while (true)
        {
            Task answered;
            lock (_gate)
            {
                Fail(new ConnectionEnd("closed", InOrder: true));
                if (_requests == 0) break;
                answered = _answered.Task;
            }
            await answered.ConfigureAwait(false);
        }
        lock (_gate)
        {
            _open.CompleteAll();
            while (_open.Complete.TryDequeue(out EventBatch? unsent)) unsent.Release();
        }
        _client.Dispose();
        _over.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes frames from the block until it is empty, or no request can begin. The caller holds the lock.</summary>
    private void Add(ref ReadOnlyMemory<byte> block)
    {
        ReadOnlySpan<byte> bytes = block.Span;
        while (!bytes.IsEmpty && _open.Complete.Count == 0)
        {
            bool wasTaken = _ahead.TryRemove(bytes);
            int length = BlockFrames.StepOverCount(ref bytes);
            long position = _messages.Open();
            if (wasTaken) _messages.TryAnswer(position);
            else _open.Add(bytes[..length], position);
            bytes = bytes[length..];
            if (_messages.InFlight >= Window) _open.CompleteAll();
            if (_open.Complete.Count > 0) Dispatch();
        }
        block = block[^bytes.Length..];
        SetAge();
        Dispatch();
    }

    /// <summary>Begins requests, as many as may be on their way. The caller holds the lock.</summary>
    private void Dispatch()
    {
        while (_ending is null && _requests < _options.Requests && _open.Complete.TryDequeue(out EventBatch? batch))
        {
            _requests++;
            _ = Task.Run(() => SendAsync(batch));
        }
    }

    private async Task SendAsync(EventBatch batch)
    {
        try
        {
            IntakeAnswer answer = await _client.PostAsync(batch, _over.Token).ConfigureAwait(false);
            lock (_gate)
            {
                _requests--;
                Take(batch, answer);
                Dispatch();
                if (_ending is { } end && _requests == 0) End(end);
                TaskCompletionSource waiting = _answered;
                _answered = New();
                waiting.SetResult();
            }
            OnChange();
        }
        catch (Exception unforeseen)
        {
            // As in the relay's loop: the service manager restarts the process, and what is queued is kept.
            Environment.FailFast($"concentrator: request to {Endpoint}: {unforeseen.Message}", unforeseen);
        }
    }

    /// <summary>Does what the answer means for the batch's events. The caller holds the lock.</summary>
    private void Take(EventBatch batch, IntakeAnswer answer)
    {
        switch (answer.Kind)
        {
            case AnswerKind.Taken:
                foreach ((int number, string reason) in answer.Refused) _refused.Add(batch.PositionOf(number), $"the intake answers with {reason} for it");
                batch.AnswerAll(_messages);
                break;
            case AnswerKind.TooLarge when batch.Events > 1:
                _open.MostBytes = Math.Min(_open.MostBytes, Math.Max(LeastBatch, batch.Length / 2));
                _open.PutFirst(batch, batch.SplitOff());
                return;
            case AnswerKind.TooLarge:
                _refused.Add(batch.PositionOf(0), answer.Reason);
                batch.AnswerAll(_messages);
                break;
            default:
                Fail(answer.End);
                break;
        }
        batch.Release();
    }

    /// <summary>Begins no more requests, and ends the session when the last is answered. The caller holds the lock.</summary>
    private void Fail(ConnectionEnd end)
    {
        _ending ??= end;
        if (_requests == 0) End(_ending);
    }

    /// <summary>Waits for the oldest batch's age, unless that is waited for. The caller holds the lock.</summary>
    private void SetAge()
    {
        if (_isAgeSet || _open.CompleteOld() is not { } wait) return;
        _isAgeSet = true;
        _age.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void SendOld()
    {
        lock (_gate)
        {
            _isAgeSet = false;
            SetAge();
            Dispatch();
        }
    }
}
