using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Accounting;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// Step 1 of the journey for datagrams: a thread that only receives, so that HAProxy never meets a full socket while other work is slow
/// (a default system tolerates about 17 ms: docs/reference/haproxy.md, Datagrams).
/// </summary>
internal sealed unsafe class DatagramReader : IDisposable
{
    /// <summary>Datagrams a call: more than a sender with the kernel's default buffer can have waiting (167 of 300 bytes).</summary>
    private const int BatchSize = 256;

    /// <summary>Datagrams that a stop still reads, which bounds a sender that never pauses: four times the longest queue.</summary>
    private const int LargestDrain = 65_536;

    private readonly Socket _socket;
    private readonly TwoStepReceive _receive;
    private readonly ReceiveRing _ring;
    private readonly ReceivePace _pace;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ListenerCounters _counters;
    private readonly RunningLoops _loops;
    private readonly LoopHeartbeat _mark;
    private readonly SafeFileHandle _stopEvent;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public DatagramReader(
        Socket socket, ReceiveRing ring, ReceivePace pace, ListenerCounters counters, RunningLoops loops, TimeProvider time, ILogger log)
    {
        _socket = socket;
        _receive = new TwoStepReceive(socket, ring);
        _ring = ring;
        _pace = pace;
        _time = time;
        _counters = counters;
        _loops = loops;
        _log = log;
        _stopEvent = EventFd.Create();
        _mark = new LoopHeartbeat($"read {counters.Name}") { HasCome = wait => wait == LoopWait.Room && !ring.IsFull };
        _thread = new Thread(Run) { Name = _mark.Name, IsBackground = true };
    }

    public void Start() => _thread.Start();

    /// <summary>Reads what the socket still holds, then completes the ring and ends. Returns at once; see <see cref="Join"/>.</summary>
    public void Stop()
    {
        _stopping = true;
        EventFd.Signal(_stopEvent);
    }

    /// <summary>Waits for the thread to end. Call it after the lane has ended: the reader then has nothing left to wait for.</summary>
    public void Join() => _thread.Join();

    public void Dispose() => _stopEvent.Dispose();

    private void Run()
    {
        _mark.Thread = BlockedThreads.Current();
        _loops.Enter(_mark);
        int drained = 0;
        while (true)
        {
            BeginRound();
            bool lastLook = _stopping;
            int received = _receive.Receive(BatchSize, out int count);
            if (received > 0)
            {
                CrashPoint.Reach("received");
                _pace.Received(received, _ring.Fill(received, _time.GetUtcNow().UtcTicks), _time.GetElapsedTime(0));
                TimeSpan gather = _pace.Gather;
                if (lastLook && (drained += received) > LargestDrain) break;
                if (lastLook || received == count) continue;
                if (gather > TimeSpan.Zero) ClockCalls.Sleep(gather);
                else WaitForDatagrams();
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == FileCalls.Interrupted) continue;
            if (error == Fault)
            {
                // The kernel removed the datagram from the socket and had no page to copy it to: it is lost, and the next may fit.
                _counters.AddKernelDropped(1);
                _log.DatagramNotPlaced(_counters.Name);
                continue;
            }
            if (lastLook) break;
            if (error == TryAgain) WaitForDatagrams();
            else Survive(error);
        }
        _ring.Complete();
        _loops.Leave(_mark);
    }

    /// <summary>Marks a full ring as a wait for room: the lane has to make progress, not the reader.</summary>
    private void BeginRound()
    {
        if (_ring.IsFull)
        {
            _mark.Waits(LoopWait.Room);
            _ring.WaitForRoom();
        }
        _mark.Works();
    }

    private void WaitForDatagrams()
    {
        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { FileDescriptor = (int)_socket.SafeHandle.DangerousGetHandle(), Events = PollIn };
        entries[1] = new PollEntry { FileDescriptor = (int)_stopEvent.DangerousGetHandle(), Events = PollIn };
        _mark.Waits(LoopWait.Work);
        _ = Poll(entries, 2, -1);
    }

    /// <summary>No network error ends a listener: logs it and continues after 100 ms, so that the loop does not spin.</summary>
    private void Survive(int error)
    {
        _log.ListenerFailed(_counters.Name, Marshal.GetPInvokeErrorMessage(error));
        Thread.Sleep(100);
    }
}
