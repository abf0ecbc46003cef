using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// A connection's socket at the <see cref="StreamEventLoop"/>: its connection awaits here that there is something to read. The wait is
/// reused without allocating. Created and ended by the connection.
/// </summary>
internal sealed class PolledSocket(StreamEventLoop loop, SafeSocketHandle handle) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core;

    public SafeSocketHandle Handle { get; } = handle;

    /// <summary>Owned by the loop and guarded by its lock: the key of the socket; negative while it has none.</summary>
    public int Key { get; set; } = -1;

    /// <summary>Owned by the loop and guarded by its lock: whether a wait is pending.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Owned by the loop and guarded by its lock: whether this wait, or the next, is to end without data.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Owned by the loop and guarded by its lock: whether the socket is polled.</summary>
    public bool IsWatched { get; set; }

    /// <summary>
    /// Completes on the loop's thread when there is something to read, the peer has closed, or <see cref="Interrupt"/> was called.
    /// One wait at a time.
    /// </summary>
    public ValueTask WaitAsync()
    {
        _core.Reset();
        loop.Await(this);
        return new ValueTask(this, _core.Version);
    }

    /// <summary>Ends the current wait, or else the next, without data. Any thread may call.</summary>
    public void Interrupt() => loop.Interrupt(this);

    /// <summary>The connection has ended and no longer waits. Call it while the socket is open, or after it was cut.</summary>
    public void End() => loop.Leave(this);

    /// <summary>Owned by the loop's thread: bytes read since the pause numbered <see cref="Pauses"/>.</summary>
    public long BytesRead { get; set; }

    public long Pauses { get; set; }

    /// <summary>Reports how much the connection has read.</summary>
    /// <param name="isAll">Whether nothing more was available, as far as is known.</param>
    public void HasRead(int bytes, bool isAll) => loop.Read(this, bytes, isAll);

    /// <summary>For the loop: resumes the waiting connection at once, on the caller's thread, until it waits again.</summary>
    public void Resume() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
