using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Haproxy;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Compare;

/// <summary>One kind of traffic that every subject has to take.</summary>
internal sealed record Scenario
{
    /// <summary>The scenario that needs HAProxy.</summary>
    public const string Haproxy = "haproxy";

    /// <summary>Messages a second before what is measured is (nearly) silent.</summary>
    private const double WarmUpRate = 1000;

    /// <summary>Of the command line; several rates of one kind share it.</summary>
    public required string Name { get; init; }

    /// <summary>Of a table, a sentence.</summary>
    public required string Title { get; init; }

    public Transport Transport { get; init; } = Transport.UnixDatagram;

    /// <summary>What is sent while it is measured; null for nothing at all.</summary>
    public RateRange? Rate { get; init; }

    /// <summary>What is sent before.</summary>
    public required RateRange WarmUp { get; init; }

    /// <summary>Whether what a full socket does not take is lost, as it is for HAProxy; else the sender waits.</summary>
    public bool NonBlocking { get; init; }

    public int Connections { get; init; } = 1;

    /// <summary>Whether the rate is one of HTTP requests to a real HAProxy, which sends the messages.</summary>
    public bool IsRealHaproxy { get; init; }

    public required TimeSpan Length { get; init; }

    /// <summary>Whether the rate is the receiver's own: the sender waits for it.</summary>
    public bool IsFlood => Rate is { IsUnlimited: true };

    public bool IsIdle => Rate is null;

    /// <summary>Whether what a server still does after its warm-up would be measured in place of its rest.</summary>
    public bool NeedsRest => Rate is not { } rate || rate != WarmUp;

    /// <summary>Of the command line.</summary>
    public static IReadOnlyList<string> Names { get; } = ["pace", "pace-udp", "pace-tcp", "flood", "flood-tcp", "silence", "idle", Haproxy];

    /// <summary>Those that are asked for.</summary>
    /// <param name="names">With commas between; null for all.</param>
    /// <exception cref="UnusableException">There is no such scenario.</exception>
    public static IReadOnlyList<Scenario> Chosen(string? names, ScenarioSettings settings)
    {
        string[] wanted = names is null ? [.. Names] : names.Split(',');
        if (Array.Find(wanted, static name => !Names.Contains(name)) is string unknown)
            throw new UnusableException($"--scenarios {unknown}: there are {string.Join(", ", Names)}");
        return [.. All(settings).Where(scenario => wanted.Contains(scenario.Name, StringComparer.Ordinal))];
    }

    /// <summary>All there are, as the settings ask for them.</summary>
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
            Title = "the first message after a silence: one each half second",
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
            Title = string.Create(CultureInfo.InvariantCulture, $"{rate:N0} requests/s: a real HAProxy {settings.HaproxyVersion} before it")
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
        Title = $"as fast as it is taken: {Way(transport, 1, settings.Batch)}, to file + TLS",
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

/// <summary>What the command line says of all scenarios.</summary>
/// <param name="Length">How long each sends while it is measured.</param>
/// <param name="QuietLength">The same where next to nothing is sent.</param>
/// <param name="WarmUp">How long each sends before; not counted.</param>
/// <param name="Size">Bytes of a message.</param>
/// <param name="Batch">Messages a system call.</param>
/// <param name="Connections">Of paced TCP.</param>
/// <param name="Rates">Of paced traffic, messages a second.</param>
/// <param name="RequestRates">Of a real HAProxy, requests a second.</param>
/// <param name="HaproxyVersion">Null where there is none.</param>
internal sealed record ScenarioSettings(
    TimeSpan Length, TimeSpan QuietLength, TimeSpan WarmUp, int Size, int Batch, int Connections, IReadOnlyList<double> Rates,
    IReadOnlyList<double> RequestRates, string? HaproxyVersion);
