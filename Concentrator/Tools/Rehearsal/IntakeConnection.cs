using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Concentrator.Tools.Rehearsal;

/// <summary>A connection that an <see cref="Intake"/> has accepted. One thread reads; any thread may end it.</summary>
/// <param name="socket">Becomes the connection's own.</param>
/// <param name="number">Its number at the intake, from 1.</param>
internal sealed class IntakeConnection(Socket socket, int number)
{
    private readonly Lock _turn = new();
    private volatile bool _isEnded;

    public int Number => number;

    public Socket Socket => socket;

    /// <summary>Over which the connection is read and written; plain until <see cref="TryOpen"/> has negotiated TLS.</summary>
    public Stream Stream { get; private set; } = Stream.Null;

    /// <summary>The TLS layer; null over plain TCP, and until the handshake is complete.</summary>
    public SslStream? Tls => Stream as SslStream;

    /// <summary>The server name (SNI) that the peer requested.</summary>
    public string? RequestedName { get; private set; }

    /// <summary>Whether this side has ended the connection, or its own direction of it.</summary>
    public bool IsEnded
    {
        get => _isEnded;
        set => _isEnded = value;
    }

    /// <summary>Negotiates TLS. False if the handshake failed.</summary>
    /// <param name="options">Null for plain TCP.</param>
    public bool TryOpen(SslServerAuthenticationOptions? options)
    {
        TurnTakingStream plain = new(socket, _turn);
        if (options is null)
        {
            Stream = plain;
            return true;
        }
        SslStream tls = new(plain);
        try
        {
            lock (_turn) tls.AuthenticateAsServer(options);
            Stream = tls;
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
        finally
        {
            RequestedName = tls.TargetHostName;
        }
    }

    /// <summary>Reads once. Returns the number of bytes; 0 at the peer's end.</summary>
    /// <param name="most">The most bytes to read.</param>
    public int Read(FrameBuffer into, int most = int.MaxValue)
    {
        lock (_turn) return into.Fill(Stream, most);
    }

    /// <summary>Reads once. Returns the number of bytes; 0 at the peer's end.</summary>
    public int Read(byte[] into)
    {
        lock (_turn) return Stream.Read(into, 0, into.Length);
    }

    /// <summary>Says close_notify, where there is TLS. The peer's bytes can still be read.</summary>
    public void SayGoodbye()
    {
        IsEnded = true;
        if (Tls is not SslStream tls) return;
        lock (_turn) tls.ShutdownAsync().Wait();
    }

    /// <summary>Ends this direction in order: close_notify, then FIN. The peer's bytes can still be read.</summary>
    public void Finish()
    {
        try
        {
            SayGoodbye();
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or AggregateException)
        {
            // Expected: it has ended already.
        }
    }

    /// <summary>Ends the connection with a reset (RST): what the peer has sent and nobody has read is lost.</summary>
    public void Reset()
    {
        IsEnded = true;
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Expected: it has ended already.
        }
        socket.Dispose();
    }
}
