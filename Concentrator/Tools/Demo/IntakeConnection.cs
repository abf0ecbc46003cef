using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tools.Demo;

/// <summary>One connection of the relay to the <see cref="DemoIntake"/>.</summary>
internal sealed class IntakeConnection(Socket socket, X509Certificate2 certificate, FrameFlow.Receiver receiver)
{
    /// <summary>A relay that does not close its side by then is cut off.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(5);

    private readonly SslStream _stream = new(new NetworkStream(socket, ownsSocket: true));
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The handshake was completed: the relay has found the certificate right.</summary>
    public bool IsEstablished { get; private set; }

    /// <summary>Reads until the relay closes. False when its framing could not be followed.</summary>
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
            // Expected: the relay gave up. What was incomplete comes again.
            return true;
        }
        finally
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
            _ended.SetResult();
        }
    }

    /// <summary>Tells the relay that this is the end, and takes everything that it still sends until it closes.</summary>
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
            // It is over already, or has to be.
            socket.Dispose();
            await _ended.Task.ConfigureAwait(false);
        }
    }
}
