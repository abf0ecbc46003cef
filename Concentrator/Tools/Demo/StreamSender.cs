using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tools.Demo;

/// <summary>Sends on one connection, with octet counting or LF framing, plain or TLS, as HAProxy's rings do.</summary>
internal sealed class StreamSender(SenderPlan plan, SenderEndPoint listener, Example example) : DemoSender(plan, example)
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        SendTimeout = SendTimeout,
        ReceiveTimeout = SendTimeout,
    };

    private Stream? _stream;
    private byte[] _buffer = [];

    public override void Dispose()
    {
        _stream?.Dispose();
        _socket.Dispose();
    }

    protected override void Open()
    {
        _socket.Connect(listener.EndPoint);
        NetworkStream network = new(_socket);
        _stream = network;
        if (Plan.Transport != Transport.Tls) return;
        SslStream tls = new(network);
        _stream = tls;
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(listener.CaFile);
        tls.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = DemoCertificate.ServerName,
            CertificateChainPolicy = policy,
        });
    }

    protected override void Send(ReadOnlySpan<byte> message)
    {
        byte[] head = Plan.Framing == Framing.OctetCounted ? Encoding.ASCII.GetBytes($"{message.Length} ") : [];
        ReadOnlySpan<byte> tail = Plan.Framing == Framing.OctetCounted ? default : "\n"u8;
        int length = head.Length + message.Length + tail.Length;
        if (_buffer.Length < length) _buffer = new byte[length * 2];
        head.CopyTo(_buffer.AsSpan());
        message.CopyTo(_buffer.AsSpan(head.Length));
        tail.CopyTo(_buffer.AsSpan(head.Length + message.Length));

        // One write per message: it is either sent or not.
        _stream!.Write(_buffer, 0, length);
    }

    /// <summary>Ends the sending side, and waits until the listener has read everything and closed.</summary>
    protected override void Finish()
    {
        if (_stream is SslStream tls) tls.ShutdownAsync().Wait(SendTimeout);
        _socket.Shutdown(SocketShutdown.Send);
        byte[] nothing = new byte[256];
        while (_stream!.Read(nothing) > 0)
        {
        }
    }
}
