using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// The connections of a session: the one with which it was opened is used first, unless it has waited too long; the others are made when a
/// request needs one. Any thread.
/// </summary>
internal sealed class IntakeStreams : IDisposable
{
    /// <summary>A server may close a connection over which no request comes: the shortest limits in use are some 10 s.</summary>
    private static readonly TimeSpan UnusedLimit = TimeSpan.FromSeconds(5);

    private readonly Func<CancellationToken, Task<IntakeStream>> _connect;
    private readonly CancellationTokenSource _over = new();
    private readonly Timer _unused;
    private readonly Lock _gate = new();

    // Guarded by _gate: of each connection, what it had acknowledged when it was last asked.
    private readonly List<(TcpAcknowledgement Acknowledgement, long Bytes)> _open = [];
    private long _acknowledgedBefore;
    private IntakeStream? _first;

    /// <param name="first">The connection that is there already; owned from now on.</param>
    /// <param name="connect">Makes another one.</param>
    public IntakeStreams(IntakeStream first, Func<CancellationToken, Task<IntakeStream>> connect)
    {
        _first = first;
        _connect = connect;
        _unused = new Timer(_ => Interlocked.Exchange(ref _first, null)?.Stream.Dispose());
        _unused.Change(UnusedLimit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes that TCP has acknowledged so far, over all connections: grows while a slow network carries a request.</summary>
    public long BytesAcknowledged
    {
        get
        {
            lock (_gate)
            {
                long sum = _acknowledgedBefore;
                for (int i = _open.Count - 1; i >= 0; i--)
                {
                    (TcpAcknowledgement acknowledgement, long before) = _open[i];
                    if (acknowledgement.BytesAcknowledged is { } now)
                    {
                        _open[i] = (acknowledgement, now);
                        sum += now;
                        continue;
                    }
                    _acknowledgedBefore += before;
                    sum += before;
                    _open.RemoveAt(i);
                }
                return sum;
            }
        }
    }

    /// <summary>Returns a connection for a request, which owns it.</summary>
    /// <exception cref="IntakeUnreachableException">None could be made.</exception>
    public async ValueTask<Stream> TakeAsync(CancellationToken stop)
    {
        IntakeStream? stream = Interlocked.Exchange(ref _first, null);
        if (stream is null)
        {
            using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stop, _over.Token);
            stream = await _connect(ends.Token).ConfigureAwait(false);
        }
        lock (_gate) _open.Add((stream.Acknowledgement, 0));
        return stream.Stream;
    }

    public void Dispose()
    {
        _over.Cancel();
        _unused.Dispose();
        Interlocked.Exchange(ref _first, null)?.Stream.Dispose();
    }
}
