using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// A connection's wait for something to read. One a connection, reused without allocating. Created and ended by the connection,
/// scheduled by <see cref="StreamRounds"/>.
/// </summary>
internal sealed class StreamTurn(StreamRounds rounds, SafeSocketHandle socket) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core;

    public SafeSocketHandle Socket { get; } = socket;

    /// <summary>Owned by the rounds and guarded by their lock: the key of the turn; negative while it has none.</summary>
    public int Key { get; set; } = -1;

    /// <summary>Owned by the rounds and guarded by their lock: whether a wait is pending.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Owned by the rounds and guarded by their lock: whether this wait, or the next, is to end without data.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Owned by the rounds and guarded by their lock: whether the socket is polled.</summary>
    public bool IsWatched { get; set; }

    /// <summary>
    /// Completes on the rounds' thread when there is something to read, the peer has closed, or <see cref="Interrupt"/> was called.
    /// One wait at a time.
    /// </summary>
    public ValueTask NextAsync()
    {
        _core.Reset();
        rounds.Await(this);
        return new ValueTask(this, _core.Version);
    }

    /// <summary>Ends the current wait, or else the next, without data. Any thread may call.</summary>
    public void Interrupt() => rounds.Interrupt(this);

    /// <summary>The connection has ended and no longer waits. Call it while the socket is open, or after it was cut.</summary>
    public void End() => rounds.Leave(this);

    /// <summary>Owned by the rounds' thread: bytes read since the pause numbered <see cref="Pauses"/>.</summary>
    public long BytesRead { get; set; }

    public long Pauses { get; set; }

    /// <summary>Reports how much the turn has read.</summary>
    /// <param name="isAll">Whether nothing more was available, as far as is known.</param>
    public void HasRead(int bytes, bool isAll) => rounds.Read(this, bytes, isAll);

    /// <summary>For the rounds: resumes the waiting connection at once, on the caller's thread, until it waits again.</summary>
    public void Resume() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
