using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Bench.Measure;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Bench.Load;

/// <summary>
/// A unix or UDP datagram socket, unconnected as HAProxy's: one <c>sendmsg</c> per message with its destination or, if the plan has a
/// batch, <c>sendmmsg</c>.
/// </summary>
internal sealed class DatagramSender : Sender
{
    /// <summary>The number of prepared datagrams. A larger batch is sent in runs of these.</summary>
    private const int Prepared = 64;

    /// <summary>A refusal within so many means no receiver. The kernel reports one of the first few, then ever fewer.</summary>
    private const int FirstLook = 200;

    private const int Refused = 111;

    // IP_RECVERR: an unconnected UDP socket is told of a refusal only if it asks for it.
    private const int InternetLevel = 0;
    private const int ReceiveErrors = 11;

    private readonly LoadPlan _plan;
    private readonly ushort _sender;
    private readonly Socket _socket;
    private readonly PreparedDatagrams _datagrams;
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

            if (plan.Transport == Transport.Udp)
                _socket.SetRawSocketOption(InternetLevel, ReceiveErrors, BitConverter.GetBytes(1));
            else if (!plan.NonBlocking)
                FindReader(plan);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new UnusableException($"no process reads it: {e.Message}");
        }

        // HAProxy ends its datagrams with LF. The ring holds each message equally often.
        int turns = Math.Max(1, Math.Max(Prepared, plan.Batch) / plan.Messages.Count);
        FrameTemplate[] ring = [.. Enumerable.Repeat(plan.Messages, turns).SelectMany(static turn => turn)];
        byte[][] datagrams = [.. ring.Select(static one => (byte[])[.. one.Bytes, (byte)'\n'])];
        _datagrams = new PreparedDatagrams(datagrams, plan.Target);
        _stampAt = [.. ring.Select(static one => one.StampAt)];
    }

    public override void Send(int count)
    {
        while (count > 0)
        {
            int run = Math.Min(Math.Min(count, _plan.Batch), _datagrams.Count - _next);
            SendRun(run);
            _next = (_next + run) % _datagrams.Count;
            count -= run;
        }
    }

    public override void Finish()
    {
        // An accepted datagram is in flight or delivered.
    }

    public override void Dispose()
    {
        _socket.Dispose();
        _datagrams.Dispose();
    }

    /// <summary>HAProxy sends without checking. A sender that waits fails at once when there is no receiver.</summary>
    private static void FindReader(LoadPlan plan)
    {
        using Socket probe = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        probe.Connect(plan.Target);
    }

    private int SendNext(int first, int count) => _plan.Batch > 1
        ? _datagrams.SendRun(_socket, first, count, !_plan.NonBlocking)
        : _datagrams.Send(_socket, first, !_plan.NonBlocking) ? 1 : -1;

    private void SendRun(int run)
    {
        long now = Stopwatch.GetTimestamp();
        for (int i = 0; i < run; i++)
        {
            new SendStamp(_sender, _number++, now).Write(_datagrams[_next + i].Slice(_stampAt[_next + i], SendStamp.Length));
        }
        int done = 0;
        while (done < run)
        {
            int sent = SendNext(_next + done, run - done);
            if (sent > 0)
            {
                Count(sent, 0, 0);
                done += sent;
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == FileCalls.Interrupted) continue;
            bool isFull = error == TryAgain;
            if (isFull && !_plan.NonBlocking)
                throw new IOException($"{_plan.Target} accepted nothing for {Patience.TotalSeconds} s");
            bool isNobody = Sent == 0 ? Failed > 1000 : error == Refused && Sent < FirstLook;
            if (!isFull && isNobody)
                throw new UnusableException($"no process reads {_plan.Target}: {Marshal.GetPInvokeErrorMessage(error)}");
            Count(0, isFull ? 1 : 0, isFull ? 0 : 1);
            done++;
        }
    }
}
