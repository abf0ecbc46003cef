using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads the keys that only an output of type <c>nats</c> has.</summary>
internal static class NatsOutputReader
{
    private const string SubjectKey = "Subject", BatchKey = "Batch", CreateKey = "CreateStream", TlsKey = "Tls";

    /// <summary>Bytes. Below the least a stream holds less than a few blocks.</summary>
    private const long LeastStream = 1024 * 1024, MostStream = 1L << 50;

    private static readonly TimeSpan MostAge = TimeSpan.FromDays(366);

    public static readonly string[] Keys = [NatsServersReader.Key, NatsStreamName.Key, SubjectKey, BatchKey, CreateKey, .. NatsCredentialsReader.Keys];

    /// <summary>The keys of other relays that do not apply.</summary>
    public static readonly string[] KeysOfOtherRelays = [RelayOutputReader.EndpointKey, RelayOutputReader.FramingKey, RelayOutputReader.ReplayTailKey];

    /// <summary><c>Tls</c> is an object, or <c>true</c> where the system's authorities do.</summary>
    public static bool WantsTls(SectionReader section) => section.SwitchOrObject(TlsKey);

    /// <summary>Null if the stream is missing; that was reported.</summary>
    public static NatsOutputOptions? Read(SectionReader section)
    {
        string? stream = NatsStreamName.Read(section, "the stream that the messages go to");
        NatsOutputOptions options = new()
        {
            Stream = stream ?? "",
            Subject = section.Value(SubjectKey, ParseSubject, $"concentrator.{section.Name}"),
            Batch = section.Value(BatchKey, Choices.NatsBatch.Parse, NatsBatch.Block),
            CreateStream = section.SwitchOrObject(CreateKey) ? ReadLimits(section.ObjectOrEmpty(CreateKey)) : null,
            Credentials = NatsCredentialsReader.Read(section),
        };
        return stream is null ? null : options;
    }

    private static NatsStreamLimits ReadLimits(SectionReader section)
    {
        NatsStreamLimits defaults = new();
        NatsStreamLimits limits = defaults with
        {
            Retention = section.Value("Retention", Choices.NatsRetention.Parse, defaults.Retention),
            Replicas = section.Value("Replicas", ParseReplicas, defaults.Replicas),
            MaxBytes = section.Value<long?>("MaxBytes", ParseSize, null),
            MaxAge = section.Value<TimeSpan?>("MaxAge", ParseAge, null),
        };
        section.Finish();
        if (limits is { Retention: NatsRetention.Limits, MaxAge: null })
            section.Warn("Retention", "is limits without MaxAge: the stream keeps what was delivered, is full one day, and then takes nothing more; write MaxAge, or \"work\"");
        return limits;
    }

    private static Parsed<int> ParseReplicas(string text) =>
        text is "1" or "3" or "5" ? text[0] - '0' : new Problem($"{Problem.Quote(text)} is not a number of replicas; write 1, 3 or 5");

    private static Parsed<long?> ParseSize(string text) =>
        ByteSize.Parse(text, LeastStream, MostStream).TryGet(out long size, out string? problem) ? size : new Problem(problem);

    private static Parsed<TimeSpan?> ParseAge(string text) =>
        Duration.Parse(text, TimeSpan.FromMinutes(1), MostAge).TryGet(out TimeSpan age, out string? problem) ? age : new Problem(problem);

    private static Parsed<string> ParseSubject(string text)
    {
        const string Example = "for example \"concentrator.edge\" or \"concentrator.{host}\"";
        if (text.Contains("{listener}", StringComparison.Ordinal))
        {
            return new Problem("names {listener}, but an output's queue holds the rendered messages of all its listeners together; "
                + "declare an output for each listener, and a route from it");
        }
        foreach (string token in text.Split('.'))
        {
            if (token == NatsOutputOptions.HostPlace) continue;
            if (token.Length == 0 || token.Any(static c => c is <= ' ' or '*' or '>' or '{' or '}' or > '~'))
                return new Problem($"{Problem.Quote(text)} is not a subject to publish to: words without blanks and wildcards, with dots between them, or {NatsOutputOptions.HostPlace}, {Example}");
        }
        return text;
    }
}
