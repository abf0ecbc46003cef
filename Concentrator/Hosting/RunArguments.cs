using Concentrator.Configuration;

namespace Concentrator.Hosting;

/// <summary>What <c>run</c> and <c>check</c> are told on the command line.</summary>
/// <param name="ConfigFile">Null where none is named.</param>
/// <param name="Overrides">Configuration keys given as <c>--Section:Key=value</c>.</param>
internal sealed record RunArguments(string? ConfigFile, IReadOnlyList<ConfigurationOverride> Overrides)
{
    /// <summary>A Sekoia.io <c>intakes.yaml</c> in place of a configuration file; null where none is named.</summary>
    public string? IntakesFile { get; init; }

    /// <summary><c>run</c> only: take sockets and spool over from the server that runs.</summary>
    public bool TakeOver { get; init; }
}
