using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tests.Equipment;

/// <summary>One connection of a <see cref="TlsIntake"/>: hand-shake, then frames until either side ends it.</summary>
internal sealed class IntakeConnection(TlsIntake intake, Socket socket, int number)
{
    private readonly OctetFrameReader _reader = new();
    private SslStream? _tls;
    private int _frames;
    private volatile bool _endedByUs;

    public async Task RunAsync()
    {
        try
        {
            if (intake.IgnoreHandshake)
            {
                await PeekUntilEndAsync();
                return;
            }
            Stream? stream = await OpenAsync();
            if (stream is not null) await ReadAsync(stream);
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            // The peer reset, or we did.
        }
        finally
        {
            intake.Ended(this);
            socket.Dispose();
        }
    }

    /// <summary>RST: what the peer has sent and we have not read is lost.</summary>
    public void Reset()
    {
        _endedByUs = true;
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Ended by itself in this moment.
        }
        socket.Dispose();
    }

    /// <summary>close_notify and FIN; the peer's close ends our reading.</summary>
    public void Close()
    {
        _endedByUs = true;
        try
        {
            _tls?.ShutdownAsync().Wait(Deadline.Reaction);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or AggregateException)
        {
            // Ended by itself in this moment.
        }
    }

    /// <summary>Leaves every byte in the kernel; only the end of the connection is noticed.</summary>
    private async Task PeekUntilEndAsync()
    {
        byte[] one = new byte[1];
        while (await socket.ReceiveAsync(one, SocketFlags.Peek) > 0) await Task.Delay(20);
    }

    private async Task<Stream?> OpenAsync()
    {
        NetworkStream plain = new(socket, ownsSocket: false);
        if (intake.Certificate is not IssuedCertificate certificate) return plain;
        SslStream tls = new(plain);
        try
        {
            await tls.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(Options(certificate, hello)), null);
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or ObjectDisposedException)
        {
            if (!_endedByUs) intake.AddHandshakeFailure();
            return null;
        }
        if (tls.RemoteCertificate is X509Certificate client) intake.LastClient = client.Subject;
        _tls = tls;
        return tls;
    }

    private SslServerAuthenticationOptions Options(IssuedCertificate certificate, SslClientHelloInfo hello)
    {
        intake.LastServerName = hello.ServerName;
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = certificate.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (intake.RequireClientFrom is CertificateAuthority authority)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = Trust.Only(authority);
        }
        return options;
    }

    private async Task ReadAsync(Stream stream)
    {
        byte[] buffer = new byte[65536];
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
        {
            await intake.WhileStalled();
            OctetFeed fed = _reader.Feed(buffer.AsSpan(0, read), frame => intake.Accept(number, ++_frames, frame));
            if (fed == OctetFeed.Open) continue;
            if (fed == OctetFeed.Broken) intake.AddFramingError();
            Reset();
            return;
        }
        if (_reader.IsPartial) intake.AddFramingError();
    }
}
