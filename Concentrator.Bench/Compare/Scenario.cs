using Concentrator.Bench.Arguments;
using Concentrator.Configuration;

namespace Concentrator.Bench.Compare;

/// <summary>One kind of traffic that every subject has to take.</summary>
internal sealed record Scenario
{
    /// <summary>Of the command line; in tables.</summary>
    public required string Name { get; init; }

    /// <summary>Of a table, a sentence.</summary>
    public required string Title { get; init; }

    public required Transport Transport { get; init; }

    /// <summary>Unlimited: until the receiver holds the sender up.</summary>
    public RateRange Rate { get; init; }

    public bool NonBlocking { get; init; }

    /// <summary>All there are, with the rates that are asked for.</summary>
    public static IReadOnlyList<Scenario> All(double udpRate, IReadOnlyList<double> haproxyRates, double latencyRate) =>
    [
        new Scenario
        {
            Name = "unix-dgram",
            Title = "unix datagrams as fast as they are taken, to file + TLS",
            Transport = Transport.UnixDatagram,
        },
        new Scenario
        {
            Name = "tcp",
            Title = "TCP, octet-counted, as fast as it is taken, to file + TLS",
            Transport = Transport.Tcp,
        },
        new Scenario
        {
            Name = "udp",
            Title = $"UDP at {RateRange.Steady(udpRate)}, to file + TLS",
            Transport = Transport.Udp,
            Rate = RateRange.Steady(udpRate),
        },
        .. haproxyRates.Select(static rate => new Scenario
        {
            Name = "haproxy",
            Title = $"HAProxy's way (never waits, bursts each half millisecond) at {RateRange.Steady(rate)}, to file + TLS",
            Transport = Transport.UnixDatagram,
            Rate = RateRange.Steady(rate),
            NonBlocking = true,
        }),
        new Scenario
        {
            Name = "latency",
            Title = $"latency: unix datagrams at {RateRange.Steady(latencyRate)}, to file + TLS",
            Transport = Transport.UnixDatagram,
            Rate = RateRange.Steady(latencyRate),
        },
    ];
}
