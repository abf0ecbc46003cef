using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tools.Demo;

/// <summary>One connection of the relay to the <see cref="DemoIntake"/>.</summary>
internal sealed class IntakeConnection(Socket socket, X509Certificate2 certificate, FrameFlow.Receiver receiver)
{
    /// <summary>The time limit for the relay to close its side. Then the connection is cut.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(5);

    private readonly SslStream _stream = new(new NetworkStream(socket, ownsSocket: true));
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the handshake completed, that is, the relay accepted the certificate.</summary>
    public bool IsEstablished { get; private set; }

    /// <summary>Reads until the relay closes. Returns false when the framing is invalid.</summary>
    public async Task<bool> RunAsync()
    {
        try
        {
            await _stream.AuthenticateAsServerAsync(certificate).ConfigureAwait(false);
            IsEstablished = true;
            return await FrameFlow.ReadAsync(_stream, Framing.OctetCounted, receiver).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or ObjectDisposedException or InvalidOperationException)
        {
            // Expected: the relay gave up. It sends an incomplete frame again.
            return true;
        }
        finally
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
            _ended.SetResult();
        }
    }

    /// <summary>Announces the end to the relay, and reads everything that it still sends until it closes.</summary>
    public async Task EndAsync()
    {
        try
        {
            if (IsEstablished) await _stream.ShutdownAsync().ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
            await _ended.Task.WaitAsync(FarewellLimit).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException
            or TimeoutException)
        {
            // The connection has ended already, or must be cut.
            socket.Dispose();
            await _ended.Task.ConfigureAwait(false);
        }
    }
}
