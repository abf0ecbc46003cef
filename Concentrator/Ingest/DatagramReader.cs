using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Native;
using Concentrator.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using static Concentrator.Ingest.DatagramCalls;

namespace Concentrator.Ingest;

/// <summary>
/// Step 1 of the journey for datagrams: a thread that receives and does nothing else, so that HAProxy never meets a full
/// socket while something else takes its time (HAPROXY.md section 8: a default system has about 17 ms of patience).
/// </summary>
internal sealed unsafe class DatagramReader : IDisposable
{
    /// <summary>Datagrams a call: more than a sender with the kernel's default buffer can have waiting (167 of 300 bytes), so one call takes them all.</summary>
    private const int BatchSize = 256;

    /// <summary>What a stop still reads, so that a sender who never pauses cannot hold it up: four times the longest queue.</summary>
    private const int LargestDrain = 65_536;

    /// <summary>
    /// How long datagrams may gather before they are fetched together; the kernel adds its 50 µs. A burst then costs two wake-ups
    /// of this thread and one of the lane, and not one each for every few datagrams.
    /// </summary>
    private static readonly TimeSpan GatherFor = TimeSpan.FromMicroseconds(50);

    /// <summary>A socket that has held this many has a longer queue than the kernel's default of ten.</summary>
    private const int ProvenDepth = 32;

    private readonly Socket _socket;
    private readonly ReceiveRing _ring;
    private readonly ILogger _log;
    private readonly string _listener;
    private readonly SafeFileHandle _stopEvent;
    private readonly Thread _thread;
    private volatile bool _stopping;

    // The most that were ever found waiting at once: what the socket has shown that it can hold.
    private int _deepest;

    public DatagramReader(Socket socket, ReceiveRing ring, string listener, ILogger log)
    {
        _socket = socket;
        _ring = ring;
        _listener = listener;
        _log = log;
        _stopEvent = CreateEvent(0, CloseOnExec);
        if (_stopEvent.IsInvalid) throw new IOException($"eventfd: {Marshal.GetLastPInvokeErrorMessage()}");
        _thread = new Thread(Run) { Name = $"read {listener}", IsBackground = true };
    }

    public void Start() => _thread.Start();

    /// <summary>Reads what the socket still holds, then completes the ring and ends. Returns at once; see <see cref="Join"/>.</summary>
    public void Stop()
    {
        _stopping = true;
        _ = Write(_stopEvent, 1UL, sizeof(ulong));
    }

    /// <summary>To be called when the lane has ended: the reader has then nothing left to wait for.</summary>
    public void Join() => _thread.Join();

    public void Dispose() => _stopEvent.Dispose();

    private void Run()
    {
        int drained = 0;
        while (true)
        {
            bool lastLook = _stopping;
            MessageHeader* headers = _ring.WaitForSpace(BatchSize, out int count);
            int received = ReceiveMany(_socket.SafeHandle, headers, (uint)count, DontWait, 0);
            if (received > 0)
            {
                CrashPoint.Reach("received");
                _ring.Publish(received);
                if (lastLook && (drained += received) > LargestDrain) break;
                if (received < count && !lastLook) Gather(received);
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted) continue;
            if (lastLook) break;
            if (error == TryAgain) WaitForDatagrams();
            else Survive(error);
        }
        _ring.Complete();
    }

    /// <summary>
    /// The socket is empty: what comes within the next moment is taken in one call, if the socket has shown that it holds much more
    /// than what came in the last one.
    /// </summary>
    private void Gather(int received)
    {
        _deepest = Math.Max(_deepest, received);
        if (_deepest >= ProvenDepth && received < _deepest / 2) ClockCalls.Sleep(GatherFor);
        else WaitForDatagrams();
    }

    private void WaitForDatagrams()
    {
        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { FileDescriptor = (int)_socket.SafeHandle.DangerousGetHandle(), Events = PollIn };
        entries[1] = new PollEntry { FileDescriptor = (int)_stopEvent.DangerousGetHandle(), Events = PollIn };
        _ = Poll(entries, 2, -1);
    }

    /// <summary>Nothing that a network does ends a listener: say it and go on, without spinning.</summary>
    private void Survive(int error)
    {
        _log.ListenerFailed(_listener, Marshal.GetPInvokeErrorMessage(error));
        Thread.Sleep(100);
    }
}
