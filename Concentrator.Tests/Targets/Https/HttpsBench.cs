using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Targets.Https;

/// <summary>Options and frames of outputs to a <see cref="SekoiaHttpsIntake"/>.</summary>
internal static class HttpsBench
{
    public const string Key = "Intake0Key0Of0The0First";

    public const string Other = "Intake0Key0Of0The0Other";

    private static readonly DateTimeOffset Began = new(2026, 11, 22, 5, 38, 11, TimeSpan.Zero);

    /// <summary>Over plain TCP where there is no authority.</summary>
    public static RelayOutputOptions Output(int port, HttpsIntakeOptions? https = null, string? caFile = null, params string[] keys) => new()
    {
        Name = "relay",
        Protocol = RelayProtocol.Https,
        Format = RelayFormat.Sekoia,
        Endpoints = new RelayEndpoints([new RelayEndpoint("localhost", port)]),
        ReplayTail = TimeSpan.Zero,
        Https = (https ?? new HttpsIntakeOptions { BatchAge = TimeSpan.FromSeconds(0.05) }) with { Keys = new IntakeKeys([.. (keys.Length > 0 ? keys : [Key]).Select(static key => new Secret(key) { Place = $"place of {key[^5..]}" })]) },
        Tls = caFile is null ? null : new RelayTlsOptions { CaFile = caFile },
    };

    /// <summary>A message as the renderer writes it for Sekoia.io, without its MSG-LEN.</summary>
    public static string Frame(string text, string key = Key, double second = 0) => string.Create(
        CultureInfo.InvariantCulture, $"<134>1 {Began.AddSeconds(second):yyyy-MM-dd'T'HH:mm:ss.ffffffzzz} edge haproxy 32177 LOG [SEKOIA@53288 intake_key=\"{key}\"] {text}");
}
