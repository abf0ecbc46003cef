using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// A connection's wait for something to read; one a connection, used again and again without allocating. Made and ended by the
/// connection, kept by <see cref="StreamRounds"/>.
/// </summary>
internal sealed class StreamTurn(StreamRounds rounds, SafeSocketHandle socket) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core;

    public SafeSocketHandle Socket { get; } = socket;

    /// <summary>The rounds' own, guarded by their lock: by what name the turn is known; negative while it is not.</summary>
    public int Key { get; set; } = -1;

    /// <summary>The rounds' own, guarded by their lock: somebody waits.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>The rounds' own, guarded by their lock: the wait, or the next one, is to end with nothing.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>The rounds' own, guarded by their lock: the socket is watched.</summary>
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

    /// <summary>The wait, or the next one, ends without anything to read. Any thread.</summary>
    public void Interrupt() => rounds.Interrupt(this);

    /// <summary>The connection has ended and waits no more. To be called while the socket is open, or after it was cut.</summary>
    public void End() => rounds.Leave(this);

    /// <summary>The rounds' thread's own: bytes read since the pause of that number.</summary>
    public long BytesRead { get; set; }

    public long Pauses { get; set; }

    /// <summary>Tells how much the turn was good for.</summary>
    /// <param name="isAll">There was no more to read, as far as can be known.</param>
    public void HasRead(int bytes, bool isAll) => rounds.Read(this, bytes, isAll);

    /// <summary>The rounds: whoever waits goes on at once, on the caller's thread, until he waits for something.</summary>
    public void Resume() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
