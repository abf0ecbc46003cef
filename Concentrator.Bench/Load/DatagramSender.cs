using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Bench.Measure;
using Concentrator.Configuration;
using static Concentrator.Ingest.DatagramCalls;

namespace Concentrator.Bench.Load;

/// <summary>A datagram socket, unix or UDP.</summary>
internal sealed class DatagramSender : Sender
{
    /// <summary>Datagrams a call: beyond this, calls no longer get cheaper.</summary>
    private const int BatchSize = 64;

    /// <summary>A UDP port that nobody has refuses one of the first few; the kernel then says so more and more rarely.</summary>
    private const int FirstLook = 200;

    private const int Refused = 111;

    private readonly LoadPlan _plan;
    private readonly ushort _sender;
    private readonly Socket _socket;
    private readonly DatagramBatch _batch;
    private readonly int[] _stampAt;
    private uint _number;
    private int _next;

    public DatagramSender(LoadPlan plan, ushort sender)
    {
        _plan = plan;
        _sender = sender;
        _socket = plan.Transport == Transport.Udp
            ? new Socket(plan.Target.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            if (plan.SendBuffer is int size) _socket.SendBufferSize = size;
            _socket.SendTimeout = (int)Patience.TotalMilliseconds;

            // Connecting finds out whether anybody is there; HAProxy does not ask.
            if (!plan.NonBlocking) _socket.Connect(plan.Target);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new UnusableException($"nobody reads there: {e.Message}");
        }

        // HAProxy ends its datagrams with a line feed. Whole turns of the messages, so that each is as frequent as any other.
        int turns = Math.Max(1, BatchSize / plan.Messages.Count);
        FrameTemplate[] ring = [.. Enumerable.Repeat(plan.Messages, turns).SelectMany(static turn => turn)];
        byte[][] datagrams = [.. ring.Select(static one => (byte[])[.. one.Bytes, (byte)'\n'])];
        _batch = new DatagramBatch(datagrams, plan.NonBlocking ? plan.Target : null);
        _stampAt = [.. ring.Select(static one => one.StampAt)];
    }

    public override void Send(int count)
    {
        while (count > 0)
        {
            int run = Math.Min(Math.Min(count, BatchSize), _batch.Count - _next);
            SendRun(run);
            _next = (_next + run) % _batch.Count;
            count -= run;
        }
    }

    public override void Finish()
    {
        // A datagram that was taken is on its way, or there.
    }

    public override void Dispose()
    {
        _socket.Dispose();
        _batch.Dispose();
    }

    private void SendRun(int run)
    {
        long now = Stopwatch.GetTimestamp();
        for (int i = 0; i < run; i++)
        {
            new SendStamp(_sender, _number++, now).Write(_batch[_next + i].Slice(_stampAt[_next + i], SendStamp.Length));
        }
        int done = 0;
        while (done < run)
        {
            int sent = _batch.Send(_socket, _next + done, run - done, !_plan.NonBlocking);
            if (sent > 0)
            {
                Count(sent, 0, 0);
                done += sent;
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted) continue;
            bool isFull = error == TryAgain;
            if (isFull && !_plan.NonBlocking)
                throw new IOException($"{_plan.Target} has taken nothing for {Patience.TotalSeconds} s");
            bool isNobody = Sent == 0 ? Failed > 1000 : error == Refused && Sent < FirstLook;
            if (!isFull && isNobody)
                throw new UnusableException($"nobody reads at {_plan.Target}: {Marshal.GetPInvokeErrorMessage(error)}");
            Count(0, isFull ? 1 : 0, isFull ? 0 : 1);
            done++;
        }
    }
}
