using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads the root object.</summary>
internal static class ServerReader
{
    public const string StatisticsSection = "Statistics";

    public const string ShutdownTimeoutKey = "ShutdownTimeout";

    private const long Megabyte = 1024 * 1024;
    private const long MostMemory = 64 * 1024 * Megabyte;
    private const long MostDisk = 1024 * 1024 * 1024 * Megabyte;

    /// <summary>The options without their warnings; to be used only if no error was reported meanwhile.</summary>
    public static ServerOptions Read(SectionReader server)
    {
        IReadOnlyList<ListenerOptions> listeners = ListenersReader.Read(server, out IReadOnlyList<string> listenerNames);
        IReadOnlyList<OutputOptions> outputs = OutputsReader.Read(server, out IReadOnlyList<string> outputNames);
        IReadOnlyList<RouteOptions> routes = RoutesReader.Read(server, listenerNames, outputNames);
        outputs = HttpsOutputReader.AddKeys(outputs, routes);
        RouteChecks checks = new(server.Context.Errors, listeners, outputs, routes);
        if (!server.Context.Errors.SomethingIsUnread)
        {
            checks.CheckKeys();
        }
        ServerOptions defaults = new() { Listeners = listeners, Outputs = outputs, Routes = routes };
        ServerOptions options = defaults with
        {
            Files = server.Context.Files,
            Spool = ReadSpool(server.Object("Spool")),
            Streams = ReadStreams(server.Object("Streams")),
            Monitoring = MonitoringReader.Read(server, listeners),
            Otlp = TelemetryReader.ReadOtlp(server),
            Statistics = ReadStatistics(server.Object(StatisticsSection), outputNames),
            ShutdownTimeout = server.Value(ShutdownTimeoutKey, text => Duration.Parse(text, TimeSpan.FromHours(1)), defaults.ShutdownTimeout),
        };
        server.Finish();
        if (server.Context.Errors.Count == 0)
        {
            checks.WarnOfIdleParts(options.Statistics?.To ?? []);
        }
        return options;
    }

    /// <summary>Parses the bytes of messages held in memory for one output.</summary>
    public static Parsed<long> ParseMemory(string text) => ByteSize.Parse(text, Megabyte, MostMemory);

    /// <summary>Reads <c>Spool</c>; a missing or invalid value means its default.</summary>
    public static SpoolOptions ReadSpool(SectionReader section)
    {
        SpoolOptions defaults = new();
        SpoolOptions spool = new()
        {
            Directory = section.Value("Directory", ParseDirectory, defaults.Directory),
            MaxSize = section.Value("MaxSize", text => ByteSize.Parse(text, Megabyte, MostDisk), defaults.MaxSize),
            MaxMemory = section.Value("MaxMemory", ParseMemory, defaults.MaxMemory),
            Durability = section.Value("Durability", Choices.Durability.Parse, defaults.Durability),
            WhenFull = section.Value("WhenFull", Choices.WhenFull.Parse, defaults.WhenFull),
        };
        section.Finish();
        return spool;
    }

    private static StreamOptions ReadStreams(SectionReader section)
    {
        long memory = section.Value("MaxMemory", text => ByteSize.Parse(text, StreamOptions.LeastMemory, MostMemory), new StreamOptions().MaxMemory);
        section.Finish();
        return new StreamOptions { MaxMemory = memory };
    }

    private static StatisticsOptions? ReadStatistics(SectionReader section, IReadOnlyList<string> outputs)
    {
        TimeSpan interval = section.Value(
            "Interval", text => Duration.Parse(text, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), StatisticsOptions.DefaultInterval);
        IReadOnlyList<string>? to = Names.Resolve(section, "To", "an output", outputs);
        section.Finish();
        return to is { Count: > 0 } ? new StatisticsOptions(interval, to) : null;
    }

    private static Parsed<string> ParseDirectory(string text) =>
        text.StartsWith('/') && !text.Contains('\0', StringComparison.Ordinal)
            ? Path.GetFullPath(text)
            : new Problem($"{Problem.Quote(text)} is not an absolute directory path; write, for example, {Problem.Quote(SpoolOptions.DefaultDirectory)}");
}
