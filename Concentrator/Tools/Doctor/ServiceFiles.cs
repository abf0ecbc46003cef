using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>Findings of <c>check</c> and <c>doctor</c> when root asks about the service's own configuration.</summary>
internal static class ServiceFiles
{
    /// <summary>
    /// Empty when the user is not root, systemd does not know the service, or the service starts with another configuration than the loaded
    /// one.
    /// </summary>
    /// <param name="host">The host whose service is checked.</param>
    /// <param name="loaded">The configuration that was loaded; it must be valid.</param>
    /// <param name="overrides">The overrides on the current command line.</param>
    /// <param name="environment">The environment of the current command. The service has its own variables.</param>
    /// <param name="stop">Cancels the check.</param>
    public static async Task<IReadOnlyList<Diagnosis>> LookAsync(
        ExaminedHost host, ConfigurationResult loaded, IReadOnlyList<ConfigurationOverride> overrides, ConfigurationEnvironment environment, CancellationToken stop)
    {
        if (DescriptorCalls.EffectiveUser() != 0 || await ServiceUnit.AskAsync(host, stop).ConfigureAwait(false) is not { } unit) return [];
        ConfigurationResult own = ConfigurationLoader.Load(unit.ConfigFile, unit.Overrides, environment with { Variables = unit.Variables }, unit.IntakesFile);
        if (Full(own.Source) != Full(loaded.Source) || (overrides.Count > 0 && !overrides.SequenceEqual(unit.Overrides))) return [];
        return own.IsValid
            ? new ServiceFileCheck(unit, own).Look()
            : [.. own.Errors.Select(static error => Diagnosis.Fail(
                UnitNames.Service, $"its configuration is invalid with the unit's environment and arguments: {error}", "systemctl cat concentrator"))];
    }

    private static string Full(string source) => File.Exists(source) ? Path.GetFullPath(source) : source;
}
