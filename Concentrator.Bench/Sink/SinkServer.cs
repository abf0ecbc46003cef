using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Bench.Sink;

/// <summary>
/// Replaces an intake: RFC 5425 over TLS, or the same frames over plain TCP. Uses one thread per connection, the cheapest way, because a
/// relay has one or two.
/// </summary>
internal sealed class SinkServer : IDisposable
{
    private readonly Socket _place;
    private readonly X509Certificate2? _certificate;
    private readonly Misbehaviour _misbehaviour;
    private readonly Lock _gate = new();
    private volatile SinkTally _tally = new();

    // Guarded by _gate.
    private readonly List<SinkConnection> _open = [];
    private readonly List<Thread> _threads = [];
    private Socket? _listener;
    private bool _isDisposed;
    private bool _stalled;
    private bool _halfClosed;
    private bool _refused;

    private long _connections;
    private long _violations;
    private long _resets;
    private long _frames;

    /// <summary>Starts to listen.</summary>
    /// <param name="endPoint">Port 0 chooses a free one.</param>
    /// <param name="certificate">Null for plain TCP; owned by the caller.</param>
    /// <exception cref="UnusableException">The address is not available.</exception>
    public SinkServer(IPEndPoint endPoint, X509Certificate2? certificate, Misbehaviour? misbehaviour = null)
    {
        _certificate = certificate;
        _misbehaviour = misbehaviour ?? Misbehaviour.None;

        // Reserves the port while nothing listens on it: connections are refused, and no other program can bind it.
        _place = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _place.Bind(endPoint);
            EndPoint = (IPEndPoint)_place.LocalEndPoint!;
            Listen();
        }
        catch (SocketException e)
        {
            _place.Dispose();
            throw new UnusableException($"cannot listen on {endPoint}: {e.Message}");
        }
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>The number of connections so far.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Connections with invalid framing.</summary>
    public long Violations => Interlocked.Read(ref _violations);

    /// <summary>Connections that were reset on request.</summary>
    public long Resets => Interlocked.Read(ref _resets);

    /// <summary>Where arrivals are recorded. Replace it for another measurement.</summary>
    public SinkTally Tally
    {
        get => _tally;
        set => _tally = value;
    }

    public void Dispose()
    {
        Thread[] threads;
        lock (_gate)
        {
            _isDisposed = true;
            _listener?.Dispose();
            foreach (SinkConnection connection in _open) connection.Reset();
            threads = [.. _threads];
        }
        foreach (Thread thread in threads) thread.Join(TimeSpan.FromSeconds(5));
        _place.Dispose();
    }

    /// <summary>Counts a connection's frames, and returns what it must do next.</summary>
    internal Mischief Took(SinkConnection connection, int frames, long ofConnection)
    {
        long all = Interlocked.Add(ref _frames, frames);
        if (_misbehaviour.ResetEvery > 0 && ofConnection >= _misbehaviour.ResetEvery)
        {
            Interlocked.Increment(ref _resets);
            return Mischief.Reset;
        }
        if (all < _misbehaviour.After) return Mischief.None;
        lock (_gate)
        {
            if (_misbehaviour.Stall > TimeSpan.Zero && !_stalled)
            {
                _stalled = true;
                return Mischief.Stall;
            }
            if (_misbehaviour.HalfClose && !_halfClosed)
            {
                _halfClosed = true;
                return Mischief.HalfClose;
            }
            if (_misbehaviour.Refuse <= TimeSpan.Zero || _refused) return Mischief.None;
            _refused = true;
            Interlocked.Add(ref _resets, _open.Count);
            _listener?.Dispose();
            foreach (SinkConnection other in _open.Where(other => other != connection)) other.Reset();
            Start("sink refuse", ComeBack);
            return Mischief.Reset;
        }
    }

    private void ComeBack()
    {
        long began = Environment.TickCount64;
        while (Environment.TickCount64 - began < _misbehaviour.Refuse.TotalMilliseconds)
        {
            Thread.Sleep(20);
            lock (_gate)
            {
                if (_isDisposed) return;
            }
        }
        lock (_gate)
        {
            if (!_isDisposed) Listen();
        }
    }

    private void Listen()
    {
        Socket listener = new(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(EndPoint);
        listener.Listen(64);
        _listener = listener;
        Start("sink accept", () => Accept(listener));
    }

    private void Accept(Socket listener)
    {
        while (true)
        {
            try
            {
                Socket accepted = listener.Accept();
                Interlocked.Increment(ref _connections);
                SinkConnection connection = new(accepted, _certificate, this, _misbehaviour);
                lock (_gate)
                {
                    if (_isDisposed || _listener != listener)
                    {
                        connection.Reset();
                        return;
                    }
                    _open.Add(connection);
                    Start("sink connection", () => Serve(connection));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Expected: closed, temporarily or for good.
                return;
            }
        }
    }

    private void Serve(SinkConnection connection)
    {
        bool understood = connection.Run();
        if (!understood) Interlocked.Increment(ref _violations);
        lock (_gate)
        {
            _open.Remove(connection);
            _threads.Remove(Thread.CurrentThread);
        }
    }

    private void Start(string name, Action action)
    {
        Thread thread = new(() => action()) { IsBackground = true, Name = name };
        lock (_gate) _threads.Add(thread);
        thread.Start();
    }
}

/// <summary>The fault that a connection must show to its peer.</summary>
internal enum Mischief
{
    None,
    Reset,
    Stall,
    HalfClose,
}
