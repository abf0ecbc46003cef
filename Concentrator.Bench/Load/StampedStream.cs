using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Targets.Relays;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Load;

/// <summary>
/// Sends over a stream: TCP, TLS or unix. Writes each message or, if the plan has a batch, each batch of prepared consecutive frames with
/// one call.
/// </summary>
internal sealed class StampedStream : StampedSender
{
    /// <summary>Bytes of prepared frames. A larger batch is sent in runs of these.</summary>
    private const int PreparedBytes = 64 * 1024;

    private readonly StreamSender _to;
    private readonly ushort _sender;
    private readonly int _batch;
    private readonly byte[] _bytes = [];
    private readonly int[] _frameAt;
    private readonly int[] _stampAt;
    private long _sent;
    private uint _number;
    private int _next;

    public StampedStream(LoadPlan plan, ushort sender)
    {
        _sender = sender;
        _batch = plan.Batch;
        _to = Connect(plan);
        FrameTemplate[] turn = [.. plan.Messages];
        int turns = Math.Max(1, PreparedBytes / turn.Sum(static one => one.Bytes.Length + 4));
        int behind = plan.Framing == Framing.OctetCounted ? 0 : 1, end = 0;
        List<int> frameAt = [0], stampAt = [];
        foreach (FrameTemplate one in Enumerable.Repeat(turn, turns).SelectMany(static all => all))
        {
            frameAt.Add(end = _to.Frame(one.Bytes, ref _bytes, end));
            stampAt.Add(end - behind - one.Bytes.Length + one.StampAt);
        }
        _frameAt = [.. frameAt];
        _stampAt = [.. stampAt];
    }

    public override long Sent => Interlocked.Read(ref _sent);

    public override void Send(int count)
    {
        while (count > 0)
        {
            int run = Math.Min(Math.Min(count, _batch), _stampAt.Length - _next);
            long now = Stopwatch.GetTimestamp();
            foreach (int at in _stampAt.AsSpan(_next, run))
                new SendStamp(_sender, _number++, now).Write(_bytes.AsSpan(at, SendStamp.Length));
            _to.Stream.Write(_bytes, _frameAt[_next], _frameAt[_next + run] - _frameAt[_next]);
            Interlocked.Add(ref _sent, run);
            _next = (_next + run) % _stampAt.Length;
            count -= run;
        }
    }

    public override void Finish() => _to.Finish();

    public override void Dispose() => _to.Dispose();

    private static StreamSender Connect(LoadPlan plan)
    {
        // The bench measures the path to the listener and does not authenticate it.
        SslClientAuthenticationOptions? tls = plan.Transport != Transport.Tls ? null : new()
        {
            TargetHost = "concentrator",
            RemoteCertificateValidationCallback = new PeerCertificate("concentrator", null, insecure: true).Validate,
        };
        try
        {
            return StreamSender.Connect(plan.Target, plan.Framing, tls, plan.SendBuffer);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            throw new UnusableException($"cannot connect: {e.Message}");
        }
    }
}
