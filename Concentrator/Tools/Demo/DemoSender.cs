using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Sends its traffic at an even pace, on its own thread, until cancelled. Its socket blocks, so the kernel has accepted every message that
/// it counts as sent.
/// </summary>
internal abstract class DemoSender(SenderPlan plan, Example example) : IDisposable
{
    /// <summary>Short enough to look even, long enough not to load the machine.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>In milliseconds. A listener that accepts nothing for so long is a fault to report, not to wait for.</summary>
    protected const int SendTimeout = 10_000;

    private readonly DemoTraffic _traffic = new(plan);
    private long _sent;
    private long _malformed;

    public SenderPlan Plan { get; } = plan;

    /// <summary>Messages that the kernel accepted. Thread-safe.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Those of them that are not valid syslog. Thread-safe.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    /// <summary>Why it ended before it was cancelled; null if it did not.</summary>
    public string? Failure { get; private set; }

    public static DemoSender To(SenderPlan plan, SenderEndPoint address, Example example) => plan.Transport switch
    {
        Configuration.Options.Transport.UnixDatagram or Configuration.Options.Transport.Udp => new DatagramSender(plan, address.EndPoint, example),
        _ => new StreamSender(plan, address, example),
    };

    /// <summary>Completes when everything is sent and, on a stream, the listener has read it and closed the connection.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.Factory.StartNew(() => Run(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public abstract void Dispose();

    protected abstract void Open();

    protected abstract void Send(ReadOnlySpan<byte> message);

    /// <summary>Called when everything is sent.</summary>
    protected abstract void Finish();

    private void Run(CancellationToken stop)
    {
        try
        {
            Open();
            long began = Stopwatch.GetTimestamp();

            // After a pause of the whole process a sender catches up in small steps, because a burst would overrun a UDP socket.
            int mostAtOnce = Math.Max(2, Plan.PerSecond / 20);
            while (!stop.WaitHandle.WaitOne(Tick))
            {
                long due = (long)(Stopwatch.GetElapsedTime(began).TotalSeconds * Plan.PerSecond);
                for (int i = 0; i < mostAtOnce && Sent < due; i++) SendNext();
            }
            Finish();
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            Failure = e.Message;
        }
    }

    private void SendNext()
    {
        byte[] message = _traffic.Render((int)Sent, out bool isMalformed);
        example.OfferSent(message);
        Send(message);
        if (isMalformed) Interlocked.Increment(ref _malformed);
        Interlocked.Increment(ref _sent);
    }
}
