using Concentrator.Ingest.Lanes;
using Concentrator.Native;
using Concentrator.Routing;
using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// One thread that reads all streams in turn. With the framework's own reads, each message of a sender that writes them one by one wakes
/// two threads, the one that polls the sockets and one of the pool, and then those behind them; and of a thousand senders, all are read
/// before a relay has its turn. Here all streams with data are read together, one read each.
/// <para>
/// A round takes what has arrived and then lets bytes gather, as a datagram lane does; for less time when a sender is fast, so that no
/// more gathers than one read and the sender's kernel can hold. What arrives after a silence is read at once, and a stream with more than
/// one read holds is read again at once.
/// </para>
/// Outputs are notified during a pass. The thread starts with the first connection and ends with <see cref="Dispose"/>.
/// </summary>
internal sealed class StreamRounds(TimeProvider time, RunningLoops loops) : IDisposable
{
    /// <summary>Bytes that justify a round, some 64 of HAProxy's lines.</summary>
    private const long Enough = 20 * 1024;

    /// <summary>A shorter pause does not justify a timer.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(0.25);

    /// <summary>Turns after which outputs are notified in any case: a small queue must not fill before its consumer is woken.</summary>
    private const int MostUntold = 16;

    private readonly Lock _gate = new();
    private readonly Publication _publication = new();
    private readonly long[] _keys = new long[EventPoll.MostReported];

    // Guarded by _gate.
    private readonly List<StreamTurn?> _turns = [];
    private readonly Stack<int> _freeKeys = new();
    private List<StreamTurn> _interrupted = [];
    private EventPoll? _poll;
    private Thread? _thread;
    private bool _ended;

    // Owned by the thread.
    private readonly LoopMark _mark = new("streams");
    private readonly List<StreamTurn> _due = [];
    private List<StreamTurn> _taken = [];
    private readonly RoundLength _round = new(Enough);
    private TimeSpan _pause = RoundLength.Longest;
    private long _began;
    private long _bytesRead;
    private long _pauses;
    private long _mostRead;
    private bool _hasMore;

    /// <summary>Where a connection on the rounds' thread collects the outputs to notify; null on any other thread.</summary>
    public Publication? Gathered => Thread.CurrentThread == _thread ? _publication : null;

    /// <summary>Records that the connection whose turn it is has read <paramref name="bytes"/> bytes.</summary>
    /// <param name="isAll">Whether nothing more was available, as far as is known.</param>
    public void Read(StreamTurn turn, int bytes, bool isAll)
    {
        if (Thread.CurrentThread != _thread) return;
        _hasMore |= !isAll;
        if (turn.Pauses != _pauses) turn.BytesRead = 0;
        turn.Pauses = _pauses;
        turn.BytesRead += bytes;
        _bytesRead += bytes;
        _mostRead = Math.Max(_mostRead, turn.BytesRead);
    }

    /// <summary>Registers that the turn's owner waits from now on.</summary>
    public void Await(StreamTurn turn)
    {
        lock (_gate)
        {
            turn.IsAwaited = true;
            if (turn.IsInterrupted) InterruptUnsynchronized(turn);
            if (turn.Key < 0) Enter(turn);
            if (turn.IsWatched) return;
            try
            {
                Begin().Add(turn.Socket, turn.Key);
                turn.IsWatched = true;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The socket cannot be watched: end the wait, and the owner's next call finds out what is wrong with it.
                InterruptUnsynchronized(turn);
            }
        }
    }

    /// <summary>Ends the turn's current wait, or else its next.</summary>
    public void Interrupt(StreamTurn turn)
    {
        lock (_gate) InterruptUnsynchronized(turn);
    }

    /// <summary>Unregisters a turn that is no longer needed.</summary>
    public void Leave(StreamTurn turn)
    {
        lock (_gate)
        {
            if (turn.Key < 0) return;
            if (turn.IsWatched) _poll!.Remove(turn.Socket);
            _turns[turn.Key] = null;
            _freeKeys.Push(turn.Key);
            turn.Key = -1;
            turn.IsWatched = false;
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

    private void Enter(StreamTurn turn)
    {
        if (!_freeKeys.TryPop(out int key))
        {
            key = _turns.Count;
            _turns.Add(null);
        }
        _turns[key] = turn;
        turn.Key = key;
    }

    private EventPoll Begin()
    {
        if (_poll is not null) return _poll;
        _poll = new EventPoll();
        _thread = new Thread(Run) { Name = _mark.Name, IsBackground = true };
        _thread.Start();
        return _poll;
    }

    private void InterruptUnsynchronized(StreamTurn turn)
    {
        turn.IsInterrupted = true;
        if (!turn.IsAwaited || _ended) return;
        _interrupted.Add(turn);
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
            Pause(found == EventPoll.MostReported);
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

    /// <summary>Collects the waiting turns that have data or were interrupted. False when the rounds are to end.</summary>
    private bool CollectDue(int found)
    {
        lock (_gate)
        {
            for (int i = 0; i < found; i++)
            {
                // Null: the connection has left since the kernel reported it.
                if (_turns[(int)_keys[i]] is not { } turn) continue;
                if (turn.IsAwaited) Take(turn);
                else StopWatching(turn);
            }
            (_interrupted, _taken) = (_taken, _interrupted);
            foreach (StreamTurn turn in _taken)
            {
                if (!turn.IsAwaited) continue;
                turn.IsInterrupted = false;
                Take(turn);
            }
            _taken.Clear();
            return !_ended;
        }
    }

    private void Take(StreamTurn turn)
    {
        turn.IsAwaited = false;
        _due.Add(turn);
    }

    /// <summary>Stops polling a socket whose owner is busy, for example waiting for room: it would be reported again and again.</summary>
    private void StopWatching(StreamTurn turn)
    {
        _poll!.Remove(turn.Socket);
        turn.IsWatched = false;
    }
}
