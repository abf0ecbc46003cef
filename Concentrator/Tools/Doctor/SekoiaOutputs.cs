using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Doctor;

/// <summary>Whether messages go to Sekoia.io: an output of that format, or one that has it by default because a key applies.</summary>
internal static class SekoiaOutputs
{
    public static bool Any(ServerOptions options) =>
        options.Outputs.OfType<RelayOutputOptions>().Any(relay => relay.Format is RelayFormat.Sekoia || (relay.Format is null && HasKey(options, relay)));

    private static bool HasKey(ServerOptions options, RelayOutputOptions relay) =>
        relay.IntakeKey is not null || options.Routes.Any(route => route.IntakeKey is not null && route.To.Contains(relay.Name));
}
