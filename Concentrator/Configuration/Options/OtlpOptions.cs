namespace Concentrator.Configuration.Options;

/// <summary>Where metrics are pushed over OTLP (configuration key <c>Telemetry:Otlp</c>).</summary>
/// <param name="Endpoint">The whole address that metrics are posted to.</param>
internal sealed record OtlpOptions(Uri Endpoint)
{
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);

    /// <summary>Time between two pushes.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;

    /// <summary>The value of the header <c>Authorization</c>; null = none.</summary>
    public Secret? Authorization { get; init; }

    /// <summary>PEM: the authorities of the receiver's certificate; null = the system's.</summary>
    public string? CaFile { get; init; }
}
