using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tests.Equipment;

/// <summary>How an intake ends a connection that works.</summary>
internal enum IntakeClose
{
    /// <summary>close_notify and FIN, then everything is read until the peer closes too.</summary>
    OwnDirection,

    /// <summary>close_notify alone, then everything is read until the peer closes too: over plain TCP this does nothing.</summary>
    CloseNotify,

    /// <summary>
    /// close(2) at a moment when everything that has come is read, without a word before: what a program does that is told to
    /// stop. What is on its way then meets a closed socket, which resets.
    /// </summary>
    WhenAllIsRead,

    /// <summary>FIN, then close(2) at once; over unread data, when the intake is stalled.</summary>
    OverUnreadData,
}

/// <summary>One connection of a <see cref="TlsIntake"/>: hand-shake, then frames until either side ends it.</summary>
internal sealed class IntakeConnection(TlsIntake intake, Socket socket, int number)
{
    // <asm-generic/socket.h>
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;

    private readonly OctetFrameReader _reader = new();
    private readonly SemaphoreSlim _tlsTurn = new(1);
    private SslStream? _tls;
    private int _frames;
    private volatile bool _endedByUs;
    private volatile bool _closesWhenRead;

    public async Task RunAsync()
    {
        try
        {
            if (intake.IgnoreHandshake)
            {
                await PeekUntilEndAsync();
                return;
            }
            if (intake.AnswerWithGarbage)
            {
                await socket.ReceiveAsync(new byte[1024]);
                SendGarbage();
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

    /// <summary>Once; the peer's close ends our reading.</summary>
    public void Close(IntakeClose how)
    {
        if (_endedByUs) return;
        _endedByUs = true;
        if (how == IntakeClose.WhenAllIsRead)
        {
            // By the reading loop: disposing under a pending read would make .NET shut the socket down first.
            _closesWhenRead = true;
            return;
        }
        try
        {
            if (how == IntakeClose.OverUnreadData)
            {
                socket.Shutdown(SocketShutdown.Send);
                socket.Dispose();
                return;
            }
            SayGoodbye();
            if (how == IntakeClose.OwnDirection) socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or AggregateException)
        {
            // Ended by itself in this moment.
        }
    }

    private void SayGoodbye()
    {
        if (_tls is null) return;
        if (!_tlsTurn.Wait(Deadline.Reaction)) throw new TimeoutException("the intake's reader keeps the TLS layer to itself");
        try
        {
            _tls.ShutdownAsync().Wait(Deadline.Reaction);
        }
        finally
        {
            _tlsTurn.Release();
        }
    }

    /// <summary>A socket filter that passes nothing: TCP sees no segment of the peer's any more, and so acknowledges none.</summary>
    public void Freeze()
    {
        // One instruction, "return 0 bytes", and the length-and-pointer pair by which the kernel finds it.
        byte[] program = [0x06, 0, 0, 0, 0, 0, 0, 0];
        GCHandle pinned = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            byte[] reference = new byte[16];
            reference[0] = 1;
            BitConverter.TryWriteBytes(reference.AsSpan(8), pinned.AddrOfPinnedObject());
            socket.SetRawSocketOption(SocketLevel, AttachFilter, reference);
        }
        finally
        {
            pinned.Free();
        }
    }

    /// <summary>Under the encryption, where a TLS record should begin.</summary>
    public void SendGarbage()
    {
        byte[] garbage = new byte[4096];
        Array.Fill(garbage, (byte)'!');
        try
        {
            socket.Send(garbage);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Ended by itself in this moment.
        }
    }

    public void Talk(int bytes) => _tls!.Write(new byte[bytes]);

    /// <summary>Leaves every byte in the kernel; only the end of the connection is noticed.</summary>
    private async Task PeekUntilEndAsync()
    {
        byte[] one = new byte[1];
        while (await socket.ReceiveAsync(one, SocketFlags.Peek) > 0) await Task.Delay(20);
    }

    private async Task<Stream?> OpenAsync()
    {
        TurnTakingStream plain = new(socket, _tlsTurn);
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
        plain.TakesTurns = true;
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
        for (int read; (read = await ReadInTurnAsync(stream, buffer)) > 0;)
        {
            await intake.WhileStalled();
            OctetFeed fed = _reader.Feed(buffer.AsSpan(0, read), frame => intake.Accept(number, ++_frames, frame));
            if (fed == OctetFeed.Open)
            {
                if (_closesWhenRead && socket.Available == 0) return;
                continue;
            }
            if (fed == OctetFeed.Broken) intake.AddFramingError();
            Reset();
            return;
        }
        if (_reader.IsPartial) intake.AddFramingError();
    }

    private async Task<int> ReadInTurnAsync(Stream stream, byte[] buffer)
    {
        await _tlsTurn.WaitAsync();
        try
        {
            return await stream.ReadAsync(buffer);
        }
        finally
        {
            _tlsTurn.Release();
        }
    }
}
