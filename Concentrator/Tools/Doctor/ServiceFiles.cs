using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>What <c>check</c> and <c>doctor</c> say of a configuration that is the service's own, and that root asks about.</summary>
internal static class ServiceFiles
{
    /// <summary>
    /// Nothing where somebody else asks, no systemd has our service, or the service is started with another configuration than the one that was
    /// loaded.
    /// </summary>
    /// <param name="host">Whose service.</param>
    /// <param name="loaded">What was asked about, valid.</param>
    /// <param name="overrides">On the command line that asks.</param>
    /// <param name="environment">Of the command that asks: the service has variables of its own.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<IReadOnlyList<Diagnosis>> LookAsync(
        ExaminedHost host, ConfigurationResult loaded, IReadOnlyList<ConfigurationOverride> overrides, ConfigurationEnvironment environment, CancellationToken stop)
    {
        if (DescriptorCalls.EffectiveUser() != 0 || await ServiceUnit.AskAsync(host, stop).ConfigureAwait(false) is not { } unit) return [];
        ConfigurationResult own = ConfigurationLoader.Load(unit.ConfigFile, unit.Overrides, environment with { Variables = unit.Variables }, unit.IntakesFile);
        if (Full(own.Source) != Full(loaded.Source) || (overrides.Count > 0 && !overrides.SequenceEqual(unit.Overrides))) return [];
        return own.IsValid
            ? new ServiceFileCheck(unit, own).Look()
            : [.. own.Errors.Select(static error => Diagnosis.Fail(
                UnitNames.Service, $"with the environment and the arguments of its unit its configuration is wrong: {error}", "systemctl cat concentrator"))];
    }

    private static string Full(string source) => File.Exists(source) ? Path.GetFullPath(source) : source;
}
