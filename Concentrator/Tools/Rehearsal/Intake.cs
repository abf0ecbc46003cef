using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Concentrator.Tools.Rehearsal;

/// <summary>
/// Stands in for an intake: accepts connections over TLS or plain TCP. It has one thread for each connection, the cheapest way, because a
/// relay has one or two. While it refuses connections its port stays reserved. Any thread may call.
/// </summary>
internal abstract class Intake : IDisposable
{
    private static readonly TimeSpan ThreadLimit = TimeSpan.FromSeconds(5);

    private readonly int? _receiveBuffer;
    private readonly Socket _place;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<IntakeConnection, Thread> _open = [];
    private Socket? _listener;

    private int _connections;
    private int _handshakeFailures;

    /// <summary>Reserves the port; nothing listens on it until <see cref="Listen"/>.</summary>
    /// <param name="endPoint">Port 0 chooses a free one. IPv6's any address includes IPv4.</param>
    /// <param name="certificate">Null for plain TCP.</param>
    /// <param name="receiveBuffer">SO_RCVBUF of each connection in bytes; null for the kernel's default.</param>
    /// <exception cref="SocketException">The address is not available.</exception>
    protected Intake(IPEndPoint endPoint, IssuedCertificate? certificate, int? receiveBuffer = null)
    {
        _receiveBuffer = receiveBuffer;
        Certificate = certificate;
        _place = Bind(endPoint);
        EndPoint = (IPEndPoint)_place.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    public int Port => EndPoint.Port;

    /// <summary>Presented from the next connection on; null for plain TCP.</summary>
    public IssuedCertificate? Certificate { get; set; }

    /// <summary>Connections accepted so far, failed handshakes included.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Handshakes that failed, other than by an end that this side made.</summary>
    public int HandshakeFailures => Volatile.Read(ref _handshakeFailures);

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyCollection<IntakeConnection> OpenConnections
    {
        get { lock (_gate) return [.. _open.Keys]; }
    }

    /// <summary>Listens, or listens again.</summary>
    public void Listen()
    {
        Socket listener = Bind(EndPoint);
        listener.Listen(1024);
        lock (_gate) _listener = listener;
        Start("intake", () => Accept(listener));
    }

    /// <summary>Refuses new connections until <see cref="Listen"/>, and resets the open ones.</summary>
    public void Refuse()
    {
        StopListening();
        ResetAll();
    }

    /// <summary>Resets every open connection.</summary>
    public void ResetAll()
    {
        foreach (IntakeConnection connection in OpenConnections) connection.Reset();
    }

    /// <summary>
    /// Refuses new connections, and ends the open ones as a service does in an orderly restart: it announces the end on each, and reads it
    /// until the peer closes too or the limit has passed.
    /// </summary>
    public void Close(TimeSpan limit)
    {
        StopListening();
        KeyValuePair<IntakeConnection, Thread>[] open;
        lock (_gate) open = [.. _open];
        foreach (IntakeConnection connection in open.Select(static one => one.Key)) connection.Finish();
        long began = Stopwatch.GetTimestamp();
        foreach ((IntakeConnection connection, Thread thread) in open)
        {
            TimeSpan left = limit - Stopwatch.GetElapsedTime(began);
            if (thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero)) continue;
            connection.Reset();
            thread.Join(ThreadLimit);
        }
    }

    public virtual void Dispose()
    {
        Thread[] threads;
        lock (_gate) threads = [.. _open.Values];
        Refuse();
        foreach (Thread thread in threads) thread.Join(ThreadLimit);
        _place.Dispose();
    }

    /// <summary>
    /// The conversation with one peer, on the connection's own thread. The connection ends with it. What it throws because the connection
    /// has ended is expected.
    /// </summary>
    protected abstract void Serve(IntakeConnection connection);

    /// <summary>What a handshake is to ask for.</summary>
    protected virtual SslServerAuthenticationOptions Ask(IssuedCertificate certificate) => new() { ServerCertificateContext = certificate.Context };

    /// <summary>Negotiates TLS where there is a certificate. False if the handshake failed.</summary>
    protected bool TryOpen(IntakeConnection connection)
    {
        if (connection.TryOpen(Certificate is IssuedCertificate certificate ? Ask(certificate) : null)) return true;
        if (!connection.IsEnded) Interlocked.Increment(ref _handshakeFailures);
        return false;
    }

    private Socket Bind(IPEndPoint endPoint)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            if (_receiveBuffer is int size) socket.ReceiveBufferSize = size;
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void StopListening()
    {
        Socket? listener;
        lock (_gate)
        {
            listener = _listener;
            _listener = null;
        }
        listener?.Dispose();
    }

    private void Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket accepted = listener.Accept();

                // As web servers and RELP receivers do: with Nagle's algorithm an answer of several TLS records waits 40 ms for a delayed acknowledgement.
                accepted.NoDelay = true;
                IntakeConnection connection = new(accepted, Interlocked.Increment(ref _connections));
                lock (_gate)
                {
                    if (_listener == listener) _open.Add(connection, Start($"intake {connection.Number}", () => Run(connection)));
                    else connection.Reset();
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Expected: closed, temporarily or for good.
        }
    }

    private void Run(IntakeConnection connection)
    {
        try
        {
            Serve(connection);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Expected: either side gave up. A relay sends an incomplete frame again.
        }
        lock (_gate) _open.Remove(connection);
        connection.Socket.Dispose();
    }

    private static Thread Start(string name, Action action)
    {
        Thread thread = new(() => action()) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }
}
