using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Concentrator.Configuration.Options;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Sends its traffic at an even pace, on its own thread, until cancelled. Its socket blocks, so the kernel has accepted every message that
/// it counts as sent. UDP has to be paced.
/// </summary>
internal sealed class DemoSender(SenderPlan plan, EndPoint listener, ThrowAwayCertificate certificate, Example example)
{
    /// <summary>Short enough to look even, long enough not to load the machine.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>After a pause of the whole process no more than this is made up for, because a burst would overrun a UDP socket.</summary>
    private static readonly TimeSpan MostOwed = TimeSpan.FromMilliseconds(50);

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

    /// <summary>Completes when everything is sent and, on a stream, the listener has read it and closed the connection.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.Factory.StartNew(() => Run(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken stop)
    {
        try
        {
            using MessageSender sender = Open();
            SteadyPace pace = new(Plan.PerSecond, Tick, MostOwed, stop);
            while (pace.Wait()) SendNext(sender);
            sender.Finish();
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            Failure = e.Message;
        }
    }

    private MessageSender Open() => Plan.Transport switch
    {
        Transport.UnixDatagram or Transport.Udp => new DatagramSender(listener),
        Transport.Tls => StreamSender.Connect(listener, Plan.Framing, new SslClientAuthenticationOptions
        {
            TargetHost = ThrowAwayCertificate.ServerName,
            CertificateChainPolicy = certificate.Authority.Trust(),
        }),
        _ => StreamSender.Connect(listener, Plan.Framing),
    };

    private void SendNext(MessageSender sender)
    {
        byte[] message = _traffic.Render((int)Sent, out bool isMalformed);
        example.OfferSent(message);

        // HAProxy ends its datagrams with LF.
        sender.Send(sender is DatagramSender ? [.. message, (byte)'\n'] : message);
        if (isMalformed) Interlocked.Increment(ref _malformed);
        Interlocked.Increment(ref _sent);
    }
}
