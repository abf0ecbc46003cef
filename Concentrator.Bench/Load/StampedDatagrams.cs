using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Load;

/// <summary>Sends datagrams, one call per message as HAProxy or, if the plan has a batch, with <c>sendmmsg</c>.</summary>
internal sealed class StampedDatagrams : StampedSender
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
    private readonly DatagramSender _to;
    private readonly PreparedDatagrams _datagrams;
    private readonly int[] _stampAt;
    private uint _number;
    private int _next;

    public StampedDatagrams(LoadPlan plan, ushort sender)
    {
        _plan = plan;
        _sender = sender;
        try
        {
            // HAProxy sends without checking. A sender that waits fails at once when there is no receiver.
            _to = new DatagramSender(plan.Target, !plan.NonBlocking, plan.SendBuffer);
            if (plan.Transport == Transport.Udp) _to.Socket.SetRawSocketOption(InternetLevel, ReceiveErrors, BitConverter.GetBytes(1));
        }
        catch (SocketException e)
        {
            _to?.Dispose();
            throw new UnusableException($"no process reads it: {e.Message}");
        }

        // HAProxy ends its datagrams with LF. The ring holds each message equally often.
        int turns = Math.Max(1, Math.Max(Prepared, plan.Batch) / plan.Messages.Count);
        FrameTemplate[] ring = [.. Enumerable.Repeat(plan.Messages, turns).SelectMany(static turn => turn)];
        byte[][] datagrams = [.. ring.Select(static one => (byte[])[.. one.Bytes, (byte)'\n'])];
        _datagrams = new PreparedDatagrams(datagrams, _to.Destination);
        _stampAt = [.. ring.Select(static one => one.StampAt)];
    }

    public override long Sent => _to.Sent;

    public override long Dropped => _to.Dropped;

    public override long Failed => _to.Failed;

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

    public override void Finish() => _to.Finish();

    public override void Dispose()
    {
        _to.Dispose();
        _datagrams.Dispose();
    }

    private int SendNext(int first, int count)
    {
        if (_plan.Batch == 1) return _to.TrySend(_datagrams[first]) ? 1 : -1;
        int sent = _datagrams.SendRun(_to.Socket, first, count, _to.Flags);
        _to.TryCount(sent);
        return sent;
    }

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
                done += sent;
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == FileCalls.Interrupted) continue;
            bool isFull = error == DatagramCalls.TryAgain;
            if (isFull && !_plan.NonBlocking)
                throw new IOException($"{_plan.Target} accepted nothing for {MessageSender.Patience.TotalSeconds} s");
            bool isNobody = Sent == 0 ? Failed > 1000 : error == Refused && Sent < FirstLook;
            if (!isFull && isNobody)
                throw new UnusableException($"no process reads {_plan.Target}: {Marshal.GetPInvokeErrorMessage(error)}");
            done++;
        }
    }
}
