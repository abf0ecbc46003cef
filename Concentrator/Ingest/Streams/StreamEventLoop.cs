using Concentrator.Ingest.Lanes;
using Concentrator.Native;
using Concentrator.Routing;
using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// The event loop of all streams: one thread that waits in epoll and reads them in turn. With the framework's own reads, each message of a
/// sender that writes them one by one wakes two threads, the one that polls the sockets and one of the pool, and then those behind them;
/// and of a thousand senders, all are read before a relay has its turn. Here all streams with data are read together, one read each.
/// <para>
/// A round (<see cref="RoundLength"/>) takes what has arrived and then lets bytes gather, as a datagram lane does; for less time when a sender is fast, so that no
/// more gathers than one read and the sender's kernel can hold. What arrives after a silence is read at once, and a stream with more than
/// one read holds is read again at once.
/// </para>
/// Outputs are notified during a pass. The thread starts with the first connection and ends with <see cref="Dispose"/>.
/// </summary>
internal sealed class StreamEventLoop(TimeProvider time, RunningLoops loops) : IDisposable
{
    /// <summary>Bytes that justify a round, some 64 of HAProxy's lines.</summary>
    private const long Enough = 20 * 1024;

    /// <summary>A shorter pause does not justify a timer.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(0.25);

    /// <summary>Connections after which outputs are notified in any case: a small queue must not fill before its consumer is woken.</summary>
    private const int MostUntold = 16;

    private readonly Lock _gate = new();
    private readonly PendingWakeUps _publication = new();
    private readonly long[] _keys = new long[Epoll.MostReported];

    // Guarded by _gate.
    private readonly List<PolledSocket?> _sockets = [];
    private readonly Stack<int> _freeKeys = new();
    private List<PolledSocket> _interrupted = [];
    private Epoll? _poll;
    private Thread? _thread;
    private bool _ended;

    // Owned by the thread.
    private readonly LoopHeartbeat _mark = new("streams");
    private readonly List<PolledSocket> _due = [];
    private List<PolledSocket> _taken = [];
    private readonly RoundLength _round = new(Enough);
    private TimeSpan _pause = RoundLength.Longest;
    private long _began;
    private long _bytesRead;
    private long _pauses;
    private long _mostRead;
    private bool _hasMore;

    /// <summary>Where a connection on the loop's thread collects the outputs to notify; null on any other thread.</summary>
    public PendingWakeUps? Gathered => Thread.CurrentThread == _thread ? _publication : null;

    /// <summary>Records that the connection of that socket has read <paramref name="bytes"/> bytes.</summary>
    /// <param name="isAll">Whether nothing more was available, as far as is known.</param>
    public void Read(PolledSocket socket, int bytes, bool isAll)
    {
        if (Thread.CurrentThread != _thread) return;
        _hasMore |= !isAll;
        if (socket.Pauses != _pauses) socket.BytesRead = 0;
        socket.Pauses = _pauses;
        socket.BytesRead += bytes;
        _bytesRead += bytes;
        _mostRead = Math.Max(_mostRead, socket.BytesRead);
    }

    /// <summary>Registers that the socket's connection waits from now on.</summary>
    public void Await(PolledSocket socket)
    {
        lock (_gate)
        {
            socket.IsAwaited = true;
            if (socket.IsInterrupted) InterruptUnsynchronized(socket);
            if (socket.Key < 0) Enter(socket);
            if (socket.IsWatched) return;
            try
            {
                Begin().Add(socket.Handle, socket.Key);
                socket.IsWatched = true;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The socket cannot be watched: end the wait, and the owner's next call finds out what is wrong with it.
                InterruptUnsynchronized(socket);
            }
        }
    }

    /// <summary>Ends the socket's current wait, or else its next.</summary>
    public void Interrupt(PolledSocket socket)
    {
        lock (_gate) InterruptUnsynchronized(socket);
    }

    /// <summary>Unregisters a socket whose connection has ended.</summary>
    public void Leave(PolledSocket socket)
    {
        lock (_gate)
        {
            if (socket.Key < 0) return;
            if (socket.IsWatched) _poll!.Remove(socket.Handle);
            _sockets[socket.Key] = null;
            _freeKeys.Push(socket.Key);
            socket.Key = -1;
            socket.IsWatched = false;
        }
    }

    /// <summary>Ends the thread. Call it when no connection waits any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _poll?.Wake();
        }
        _thread?.Join();
        _poll?.Dispose();
    }

    private void Enter(PolledSocket socket)
    {
        if (!_freeKeys.TryPop(out int key))
        {
            key = _sockets.Count;
            _sockets.Add(null);
        }
        _sockets[key] = socket;
        socket.Key = key;
    }

    private Epoll Begin()
    {
        if (_poll is not null) return _poll;
        _poll = new Epoll();
        _thread = new Thread(Run) { Name = _mark.Name, IsBackground = true };
        _thread.Start();
        return _poll;
    }

    private void InterruptUnsynchronized(PolledSocket socket)
    {
        socket.IsInterrupted = true;
        if (!socket.IsAwaited || _ended) return;
        _interrupted.Add(socket);
        Begin().Wake();
    }

    private void Run()
    {
        _mark.Thread = BlockedThreads.Current();
        loops.Enter(_mark);
        bool isSilent = true;
        while (true)
        {
            if (isSilent) _mark.Waits(LoopWait.Work);
            int found = _poll!.Wait(_keys, isSilent ? Timeout.InfiniteTimeSpan : TimeSpan.Zero);
            _mark.Works();
            BeginRound();
            if (!CollectDue(found)) break;
            for (int i = 0; i < _due.Count; i++)
            {
                _due[i].Resume();
                if (i % MostUntold != MostUntold - 1) continue;
                _publication.Flush();
                _mark.Works();
            }
            _publication.Flush();
            isSilent = _due.Count == 0;
            _due.Clear();
            if (isSilent) continue;
            Pause(found == Epoll.MostReported);
        }
        loops.Leave(_mark);
    }

    private void BeginRound()
    {
        long now = time.GetTimestamp();
        _round.Begin(_bytesRead, time.GetElapsedTime(_began, now));
        _began = now;
        _bytesRead = 0;
    }

    /// <summary>
    /// Pauses until the next pass: not at all while there is more to read; otherwise for as long as the busiest connection takes to gather
    /// one read, at most a round.
    /// </summary>
    private void Pause(bool hasMore)
    {
        hasMore |= _hasMore;
        _hasMore = false;
        if (hasMore) return;
        TimeSpan longest = 2 * _pause < _round.Current ? 2 * _pause : _round.Current;
        _pause *= (double)StreamConnection.ReadSize / Math.Max(_mostRead, 1);
        if (_pause > longest) _pause = longest;
        if (_pause < ShortestPause) _pause = ShortestPause;
        _mostRead = 0;
        _pauses++;
        TimeSpan left = _pause - time.GetElapsedTime(_began);
        if (left > TimeSpan.Zero) ClockCalls.Sleep(left);
    }

    /// <summary>Collects the sockets whose connections wait and that have data or were interrupted. False when the loop is to end.</summary>
    private bool CollectDue(int found)
    {
        lock (_gate)
        {
            for (int i = 0; i < found; i++)
            {
                // Null: the connection has left since the kernel reported it.
                if (_sockets[(int)_keys[i]] is not { } socket) continue;
                if (socket.IsAwaited) Take(socket);
                else StopWatching(socket);
            }
            (_interrupted, _taken) = (_taken, _interrupted);
            foreach (PolledSocket socket in _taken)
            {
                if (!socket.IsAwaited) continue;
                socket.IsInterrupted = false;
                Take(socket);
            }
            _taken.Clear();
            return !_ended;
        }
    }

    private void Take(PolledSocket socket)
    {
        socket.IsAwaited = false;
        _due.Add(socket);
    }

    /// <summary>Stops polling a socket whose owner is busy, for example waiting for room: it would be reported again and again.</summary>
    private void StopWatching(PolledSocket socket)
    {
        _poll!.Remove(socket.Handle);
        socket.IsWatched = false;
    }
}
