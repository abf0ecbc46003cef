using Concentrator.Configuration;

namespace Concentrator.Hosting;

/// <summary>The command-line arguments of <c>run</c> and <c>check</c>.</summary>
/// <param name="ConfigFile">Null if none is named.</param>
/// <param name="Overrides">Configuration keys given as <c>--Section:Key=value</c>.</param>
internal sealed record RunArguments(string? ConfigFile, IReadOnlyList<ConfigurationOverride> Overrides)
{
    /// <summary>A Sekoia.io <c>intakes.yaml</c> in place of a configuration file; null if none is named.</summary>
    public string? IntakesFile { get; init; }

    /// <summary><c>run</c> only: take sockets and spool over from the running server.</summary>
    public bool TakeOver { get; init; }
}
