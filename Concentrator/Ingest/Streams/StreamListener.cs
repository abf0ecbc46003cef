using System.Collections.Concurrent;
using System.Net.Sockets;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Ingest.Sockets;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;

namespace Concentrator.Ingest.Streams;

/// <summary>One listening stream socket, unix, TCP or TLS, and its connections.</summary>
internal sealed class StreamListener : Listener
{
    /// <summary>The interval between checks for idle connections; also how late one may be cut.</summary>
    private static readonly TimeSpan IdleSweep = TimeSpan.FromSeconds(1);

    private readonly IngestContext _context;
    private readonly StreamContext _streams;
    private readonly BoundSocket _socket;
    private readonly ServerTls? _tls;
    private readonly ConcurrentDictionary<StreamConnection, Task> _connections = new();
    private readonly ConnectionTable _table;
    private readonly SenderFaults _faults;
    private readonly CancellationTokenSource _stopping = new();
    private Task _accepting = Task.CompletedTask;
    private ITimer? _idleTimer;

    private StreamListener(ListenerOptions options, IngestContext context, StreamContext streams, BoundSocket socket, ServerTls? tls)
        : base(options, context)
    {
        _context = context;
        _streams = streams;
        _socket = socket;
        _tls = tls;
        _faults = new SenderFaults(options, context.Log);
        _table = new ConnectionTable(options, context.Time);
    }

    /// <exception cref="BindException">The path or address is not available.</exception>
    public static StreamListener Bind(ListenerOptions options, IngestContext context, StreamContext streams, BoundSocket? before)
    {
        ServerTls? tls = options.Tls is null ? null : ServerTls.Load(options.Name, options.Address.ToString(), options.Tls, context.Time, context.Log);
        return new StreamListener(options, context, streams, StreamSocket.Bind(options, context, before), tls);
    }

    public override BoundSocket Socket => _socket;

    public override void Start()
    {
        _streams.Connections.Join(_table);
        _accepting = Task.Run(AcceptAsync);
        if (Options.IdleTimeout > TimeSpan.Zero)
            _idleTimer = _context.Time.CreateTimer(_ => CutIdleConnections(), null, IdleSweep, IdleSweep);
    }

    public override async Task StopAsync(TimeSpan timeout)
    {
        _socket.LeavePath();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _streams.Connections.Leave(_table);
        _socket.Dispose();
        if (_idleTimer is not null) await _idleTimer.DisposeAsync().ConfigureAwait(false);
        foreach (StreamConnection connection in _connections.Keys) connection.Stop();
        Task drained = Task.WhenAll(_connections.Values);
        if (await Task.WhenAny(drained, Task.Delay(timeout)).ConfigureAwait(false) != drained)
        {
            foreach (StreamConnection connection in _connections.Keys) connection.GiveUp();
            await drained.ConfigureAwait(false);
        }
        _stopping.Dispose();
    }

    public override Task DiscardAsync()
    {
        _socket.LeavePath();
        _socket.Dispose();
        _stopping.Dispose();
        return Task.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await _socket.Socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Take(accepted);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // Expected: the client was gone before the accept.
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // One bad client, or a machine out of descriptors, never ends the listener.
                _context.Log.ListenerFailed(Options.Name, e.Message);
                await Task.Delay(100).ConfigureAwait(false);
            }
        }
    }

    private void Take(Socket accepted)
    {
        SenderAddress sender = SenderAddress.Of(accepted.RemoteEndPoint);
        Admission admission = _table.Admit(sender, out StreamConnection? givesWay);
        if (admission != Admission.Granted)
        {
            Counters.AddRefusedConnection();
            if (admission == Admission.TooMany) _context.Log.ConnectionLimitReached(Options.Name, accepted.RemoteEndPoint, Options.MaxConnections);
            else _context.Log.AddressLimitReached(Options.Name, accepted.RemoteEndPoint, Options.ConnectionsPerAddress());
            accepted.Close(0);
            return;
        }
        bool isBeyond = !_streams.Connections.TryTake();
        if (isBeyond)
        {
            _context.Log.DescriptorsTaken(Options.Name, accepted.RemoteEndPoint, _streams.Connections.Most);
            givesWay ??= _streams.Connections.GiveWay(_table);
            if (givesWay is null)
            {
                Counters.AddRefusedConnection();
                accepted.Close(0);
                return;
            }

            // Until the other connection has ended there is one more, which the reserve covers.
            _streams.Connections.Take();
        }
        if (givesWay is not null)
        {
            _context.Log.ConnectionGaveWay(givesWay.Listener, givesWay.Peer, givesWay.IdleFor.TotalSeconds);
            givesWay.Cut(ConnectionCutReason.GaveWay);
        }
        StreamConnection connection;
        try
        {
            // If the server is killed, the connection ends with a reset, not a FIN: HAProxy 3.0's octet-counted ring does not recover
            // from a FIN, and 3.2 writes two more messages after it. If the peer closes first, it still gets a FIN.
            if (!Options.Address.IsUnix) accepted.LingerState = new LingerOption(true, 0);

            // The messages of a TLS handshake are short.
            if (_tls is not null) accepted.NoDelay = true;
            connection = new StreamConnection(accepted, Options, _context, _streams, Counters, NewLane(), _tls, _faults);
        }
        catch
        {
            accepted.Dispose();
            _streams.Connections.Return();
            throw;
        }
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections.TryAdd(connection, ended.Task);
        _table.Add(connection);
        _ = RunAsync(connection, ended);
    }

    private async Task RunAsync(StreamConnection connection, TaskCompletionSource ended)
    {
        // Not on the accepting loop: a client's first bytes must not delay the next client.
        await Task.Yield();
        try
        {
            await connection.RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A bug of ours, not of the peer: logged, and confined to this connection.
            _context.Log.ListenerFailed(Options.Name, e.ToString());
        }
        finally
        {
            _table.Remove(connection);
            _connections.TryRemove(connection, out _);
            _streams.Connections.Return();
            ended.SetResult();
        }
    }

    private void CutIdleConnections()
    {
        foreach (StreamConnection connection in _connections.Keys)
        {
            if (connection.IdleFor < Options.IdleTimeout) continue;
            _context.Log.IdleConnectionCut(Options.Name, connection.Peer, Options.IdleTimeout);
            connection.Cut(ConnectionCutReason.Idle);
        }
    }
}
