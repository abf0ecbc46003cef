namespace Concentrator.Configuration.Options;

/// <summary>What is particular to an output of type <c>sekoia-https</c>.</summary>
internal sealed record HttpsIntakeOptions
{
    public const int DefaultBatchSize = 1024 * 1024;

    /// <summary>Path of the intake's URL without a final slash, before <c>/plain/batch</c>; empty for none.</summary>
    public string UrlPath { get; init; } = "";

    /// <summary>The most bytes of events in one request, before compression; a longer event is sent alone.</summary>
    public int BatchSize { get; init; } = DefaultBatchSize;

    /// <summary>The most events in one request.</summary>
    public int BatchEvents { get; init; } = 1000;

    /// <summary>
    /// How long an event waits for others to be sent with, and how far apart the times of the events of one request may be. Zero sends
    /// without waiting.
    /// </summary>
    public TimeSpan BatchAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most requests on their way at once. One keeps the order of the events.</summary>
    public int Requests { get; init; } = 4;

    /// <summary>Whether bodies are compressed with gzip.</summary>
    public bool Gzip { get; init; } = true;

    /// <summary>The keys with which events come to this output.</summary>
    public IntakeKeys Keys { get; init; } = new([]);
}

/// <summary>The intake keys of an output, its own first, then those of its routes, each once; compares by content and places.</summary>
internal sealed record IntakeKeys(IReadOnlyList<Secret> List)
{
    /// <summary>Where the configuration has that key; null when it does not have it.</summary>
    public string? PlaceOf(string key) => List.FirstOrDefault(known => known.Reveal() == key) is { } found ? found.Place ?? "the configuration" : null;

    public bool Equals(IntakeKeys? other) => other is not null && List.SequenceEqual(other.List);

    public override int GetHashCode() => List.Count == 0 ? 0 : List[0].GetHashCode();
}
