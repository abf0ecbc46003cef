namespace Concentrator.Configuration.Options;

/// <summary>Which relay outputs send to Sekoia.io: those with its format, set explicitly or by default because of an intake key.</summary>
internal static class SekoiaOutputs
{
    public static bool Any(ServerOptions options) => options.Outputs.OfType<RelayOutputOptions>().Any(relay => Has(options, relay));

    /// <summary>Whether that output is one.</summary>
    public static bool Has(ServerOptions options, RelayOutputOptions relay) =>
        relay.Format is RelayFormat.Sekoia || (relay.Format is null && HasKey(options, relay));

    private static bool HasKey(ServerOptions options, RelayOutputOptions relay) =>
        relay.IntakeKey is not null || options.Routes.Any(route => route.IntakeKey is not null && route.To.Contains(relay.Name));
}
