using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;

namespace Concentrator.Tools.Demo;

/// <summary>The duration of each part of the demo, and what each sender sends.</summary>
internal sealed record DemoPlan
{
    public static readonly DemoPlan Default = new();

    /// <summary>The duration before the outage.</summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>
    /// The duration of the outage. Slightly shorter than the relay's third connection attempt, which comes 2.6 to 3.5 s after the loss
    /// (back-off 0.5, 1 and 2 s, each shortened by up to a quarter), so that the relay is away for about three seconds, not six.
    /// </summary>
    public TimeSpan Outage { get; init; } = TimeSpan.FromSeconds(2.6);

    /// <summary>The duration after the relay has reconnected.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The time limit for the relay to reconnect and for a queue to drain. Then the demo continues and reports it.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    public IReadOnlyList<SenderPlan> Senders { get; init; } =
    [
        new("haproxy", 'h', Transport.UnixDatagram, Framing.Auto, HeaderFormat.Local, 1200),
        new("udp", 'u', Transport.Udp, Framing.Auto, HeaderFormat.Rfc5424, 400),
        new("tcp", 't', Transport.Tcp, Framing.OctetCounted, HeaderFormat.Rfc5424, 600),
        new("tcp-lf", 'l', Transport.Tcp, Framing.Lf, HeaderFormat.Local, 400),
        new("tls", 's', Transport.Tls, Framing.OctetCounted, HeaderFormat.Rfc5424, 400),
    ];

    /// <summary>Messages per second of all senders together.</summary>
    public int PerSecond => Senders.Sum(static sender => sender.PerSecond);
}

/// <summary>A sender and its own listener.</summary>
/// <param name="Listener">The listener's name.</param>
/// <param name="Letter">The prefix of the sender's message numbers, which makes them unique.</param>
/// <param name="Transport">The transport that it uses.</param>
/// <param name="Framing">The framing on a stream.</param>
/// <param name="Header">HAProxy's header format: local or rfc5424.</param>
/// <param name="PerSecond">Messages per second.</param>
internal sealed record SenderPlan(string Listener, char Letter, Transport Transport, Framing Framing, HeaderFormat Header, int PerSecond)
{
    /// <summary>As shown to the user: <c>TCP, octet-counted</c>.</summary>
    public string Description => Transport switch
    {
        Transport.UnixDatagram => "unix datagram",
        Transport.Udp => "UDP",
        Transport.Tls => $"TLS, {FramingName}",
        _ => $"TCP, {FramingName}",
    };

    private string FramingName => Framing == Framing.OctetCounted ? "octet-counted" : "LF-ended";
}
