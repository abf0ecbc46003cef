using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Concentrator.Bench.Measure;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Targets.Relays;

namespace Concentrator.Bench.Load;

/// <summary>
/// A stream connection: TCP, TLS or unix. Writes each message or, if the plan has a batch, each batch of prepared consecutive frames with
/// one call.
/// </summary>
internal sealed class StreamSender : Sender
{
    /// <summary>Bytes of prepared frames. A larger batch is sent in runs of these.</summary>
    private const int PreparedBytes = 64 * 1024;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly ushort _sender;
    private readonly int _batch;
    private readonly byte[] _bytes;
    private readonly int[] _frameAt;
    private readonly int[] _stampAt;
    private uint _number;
    private int _next;

    public StreamSender(LoadPlan plan, ushort sender)
    {
        _sender = sender;
        _batch = plan.Batch;
        FrameTemplate[] turn = [.. plan.Messages];
        int turns = Math.Max(1, PreparedBytes / turn.Sum(static one => one.Bytes.Length + 4));
        using MemoryStream frames = new();
        List<int> frameAt = [], stampAt = [];
        foreach (FrameTemplate one in Enumerable.Repeat(turn, turns).SelectMany(static all => all))
        {
            frameAt.Add((int)frames.Length);
            if (plan.Framing == Framing.OctetCounted)
                frames.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{one.Bytes.Length} ")));
            stampAt.Add((int)frames.Length + one.StampAt);
            frames.Write(one.Bytes);
            if (plan.Framing != Framing.OctetCounted) frames.WriteByte((byte)'\n');
        }
        _bytes = frames.ToArray();
        _frameAt = [.. frameAt, _bytes.Length];
        _stampAt = [.. stampAt];
        (_socket, _stream) = Connect(plan);
    }

    public override void Send(int count)
    {
        while (count > 0)
        {
            int run = Math.Min(Math.Min(count, _batch), _stampAt.Length - _next);
            long now = Stopwatch.GetTimestamp();
            foreach (int at in _stampAt.AsSpan(_next, run))
                new SendStamp(_sender, _number++, now).Write(_bytes.AsSpan(at, SendStamp.Length));
            _stream.Write(_bytes, _frameAt[_next], _frameAt[_next + run] - _frameAt[_next]);
            Count(run, 0, 0);
            _next = (_next + run) % _stampAt.Length;
            count -= run;
        }
    }

    public override void Finish()
    {
        if (_stream is SslStream tls) tls.ShutdownAsync().Wait(Patience);
        _socket.Shutdown(SocketShutdown.Send);

        // Until the peer closes, some bytes may still be in our kernel's send buffer.
        byte[] nothing = new byte[256];
        while (_stream.Read(nothing) > 0)
        {
        }
    }

    public override void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private static (Socket Socket, Stream Stream) Connect(LoadPlan plan)
    {
        bool isUnix = plan.Transport == Transport.UnixStream;
        Socket socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(plan.Target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (plan.SendBuffer is int size) socket.SendBufferSize = size;
            socket.SendTimeout = socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
            socket.Connect(plan.Target);
            NetworkStream plain = new(socket);
            if (plan.Transport != Transport.Tls) return (socket, plain);

            // The bench measures the path to the listener and does not authenticate it.
            SslStream tls = new(plain, false, new PeerCertificate("concentrator", null, insecure: true).Validate);
            tls.AuthenticateAsClient("concentrator");
            return (socket, tls);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            socket.Dispose();
            throw new UnusableException($"cannot connect: {e.Message}");
        }
    }
}
