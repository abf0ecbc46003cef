using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Haproxy;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Compare;

/// <summary>One kind of traffic that every subject receives.</summary>
internal sealed record Scenario
{
    /// <summary>The scenario that needs HAProxy.</summary>
    public const string Haproxy = "haproxy";

    /// <summary>Warm-up rate in messages per second for a scenario that is (nearly) silent.</summary>
    private const double WarmUpRate = 1000;

    /// <summary>The name on the command line; several rates of one kind share it.</summary>
    public required string Name { get; init; }

    /// <summary>The title of a table, one sentence.</summary>
    public required string Title { get; init; }

    public Transport Transport { get; init; } = Transport.UnixDatagram;

    /// <summary>The rate while it is measured; null for no traffic.</summary>
    public RateRange? Rate { get; init; }

    /// <summary>The rate of the warm-up.</summary>
    public required RateRange WarmUp { get; init; }

    /// <summary>Whether messages that a full socket does not accept are lost, as for HAProxy. Otherwise the sender waits.</summary>
    public bool NonBlocking { get; init; }

    public int Connections { get; init; } = 1;

    /// <summary>Whether the rate is in HTTP requests to a real HAProxy, which sends the messages.</summary>
    public bool IsRealHaproxy { get; init; }

    public required TimeSpan Length { get; init; }

    /// <summary>Whether the receiver sets the rate: the sender waits for it.</summary>
    public bool IsFlood => Rate is { IsUnlimited: true };

    public bool IsIdle => Rate is null;

    /// <summary>Whether work left over from the warm-up would distort the measurement, so that the server must become idle first.</summary>
    public bool NeedsRest => Rate is not { } rate || rate != WarmUp;

    /// <summary>The names on the command line.</summary>
    public static IReadOnlyList<string> Names { get; } = ["pace", "pace-udp", "pace-tcp", "flood", "flood-tcp", "silence", "idle", Haproxy];

    /// <summary>The requested scenarios.</summary>
    /// <param name="names">Separated by commas; null for all.</param>
    /// <exception cref="UnusableException">There is no such scenario.</exception>
    public static IReadOnlyList<Scenario> Chosen(string? names, ScenarioSettings settings)
    {
        string[] wanted = names is null ? [.. Names] : names.Split(',');
        if (Array.Find(wanted, static name => !Names.Contains(name)) is string unknown)
            throw new UnusableException($"--scenarios {unknown}: known are {string.Join(", ", Names)}");
        return [.. All(settings).Where(scenario => wanted.Contains(scenario.Name, StringComparer.Ordinal))];
    }

    /// <summary>All scenarios with these settings.</summary>
    public static IReadOnlyList<Scenario> All(ScenarioSettings settings) =>
    [
        .. settings.Rates.Select(rate => Paced("pace", Transport.UnixDatagram, rate, settings)),
        .. settings.Rates.Select(rate => Paced("pace-udp", Transport.Udp, rate, settings)),
        .. settings.Rates.Select(rate => Paced("pace-tcp", Transport.Tcp, rate, settings)),
        Flood("flood", Transport.UnixDatagram, settings),
        Flood("flood-tcp", Transport.Tcp, settings),
        new Scenario
        {
            Name = "silence",
            Title = "the first message after a silence: one every half second",
            Rate = RateRange.Steady(2),
            WarmUp = RateRange.Steady(WarmUpRate),
            NonBlocking = true,
            Length = settings.QuietLength,
        },
        new Scenario
        {
            Name = "idle",
            Title = "idle: no traffic",
            WarmUp = RateRange.Steady(WarmUpRate),
            NonBlocking = true,
            Length = settings.QuietLength,
        },
        .. settings.RequestRates.Select(rate => new Scenario
        {
            Name = Haproxy,
            Title = string.Create(CultureInfo.InvariantCulture, $"{rate:N0} requests/s: a real HAProxy {settings.HaproxyVersion} in front")
                + $" (own open-loop driver, {RequestDriver.Connections} keep-alive connections), to file + TLS",
            Rate = RateRange.Steady(rate),
            WarmUp = RateRange.Steady(rate),
            IsRealHaproxy = true,
            Length = settings.Length,
        }),
    ];

    private static Scenario Paced(string name, Transport transport, double rate, ScenarioSettings settings)
    {
        int connections = transport == Transport.Tcp ? settings.Connections : 1;
        return new Scenario
        {
            Name = name,
            Title = $"{RateRange.Steady(rate)}: {Way(transport, connections, settings.Batch)}, to file + TLS",
            Transport = transport,
            Rate = RateRange.Steady(rate),
            WarmUp = RateRange.Steady(rate),
            NonBlocking = Transports.IsDatagram(transport),
            Connections = connections,
            Length = settings.Length,
        };
    }

    private static Scenario Flood(string name, Transport transport, ScenarioSettings settings) => new()
    {
        Name = name,
        Title = $"as fast as accepted: {Way(transport, 1, settings.Batch)}, to file + TLS",
        Transport = transport,
        Rate = RateRange.Unlimited,
        WarmUp = RateRange.Unlimited,
        Length = settings.Length,
    };

    private static string Way(Transport transport, int connections, int batch)
    {
        string one = transport == Transport.Tcp ? "one write" : "one sendmsg";
        string how = batch == 1 ? $", {one} a message" : Batches.Named(batch);
        return (connections == 1 ? Transports.NameOf(transport) : $"{Transports.NameOf(transport)}, {connections} connections") + how;
    }
}

/// <summary>The command line's settings for all scenarios.</summary>
/// <param name="Length">The measured duration.</param>
/// <param name="QuietLength">The measured duration of a scenario with almost no traffic.</param>
/// <param name="WarmUp">The duration of the warm-up, which is not measured.</param>
/// <param name="Size">The message size in bytes.</param>
/// <param name="Batch">Messages per system call.</param>
/// <param name="Connections">The number of connections of paced TCP.</param>
/// <param name="Rates">The rates of paced traffic, in messages per second.</param>
/// <param name="RequestRates">The rates of a real HAProxy, in requests per second.</param>
/// <param name="HaproxyVersion">Null when HAProxy is not installed.</param>
internal sealed record ScenarioSettings(
    TimeSpan Length, TimeSpan QuietLength, TimeSpan WarmUp, int Size, int Batch, int Connections, IReadOnlyList<double> Rates,
    IReadOnlyList<double> RequestRates, string? HaproxyVersion);
