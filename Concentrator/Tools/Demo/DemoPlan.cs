using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;

namespace Concentrator.Tools.Demo;

/// <summary>How long each part of the demo lasts and who sends how much.</summary>
internal sealed record DemoPlan
{
    public static readonly DemoPlan Default = new();

    /// <summary>Everything works.</summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>
    /// The intake is away. A little under the relay's third attempt to connect, which falls 2.6 to 3.5 s after the loss
    /// (back-off 0.5, 1 and 2 s, each shortened by up to a quarter): the relay is away for about three seconds, not for six.
    /// </summary>
    public TimeSpan Outage { get; init; } = TimeSpan.FromSeconds(2.6);

    /// <summary>After the relay is connected again.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long the relay may take to come back, and a queue to empty, before the demo goes on and says so.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    public IReadOnlyList<SenderPlan> Senders { get; init; } =
    [
        new("haproxy", 'h', Transport.UnixDatagram, Framing.Auto, HeaderFormat.Local, 1200),
        new("udp", 'u', Transport.Udp, Framing.Auto, HeaderFormat.Rfc5424, 400),
        new("tcp", 't', Transport.Tcp, Framing.OctetCounted, HeaderFormat.Rfc5424, 600),
        new("tcp-lf", 'l', Transport.Tcp, Framing.Lf, HeaderFormat.Local, 400),
        new("tls", 's', Transport.Tls, Framing.OctetCounted, HeaderFormat.Rfc5424, 400),
    ];

    /// <summary>Messages a second, all senders together.</summary>
    public int PerSecond => Senders.Sum(static sender => sender.PerSecond);
}

/// <summary>One sender and the listener of its own that it sends to.</summary>
/// <param name="Listener">The listener's name.</param>
/// <param name="Letter">Begins the sender's message numbers, so that no two senders share one.</param>
/// <param name="Transport">How it sends.</param>
/// <param name="Framing">Streams: how it marks the end of a message.</param>
/// <param name="Header">HAProxy's header format: local or rfc5424.</param>
/// <param name="PerSecond">Messages a second.</param>
internal sealed record SenderPlan(string Listener, char Letter, Transport Transport, Framing Framing, HeaderFormat Header, int PerSecond)
{
    /// <summary>For people: <c>TCP, octet-counted</c>.</summary>
    public string Description => Transport switch
    {
        Transport.UnixDatagram => "unix datagram",
        Transport.Udp => "UDP",
        Transport.Tls => $"TLS, {FramingName}",
        _ => $"TCP, {FramingName}",
    };

    private string FramingName => Framing == Framing.OctetCounted ? "octet-counted" : "LF-ended";
}
