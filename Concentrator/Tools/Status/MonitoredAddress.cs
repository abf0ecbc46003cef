using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Hosting;

namespace Concentrator.Tools.Status;

/// <summary>The status pages of the server that runs with the same configuration.</summary>
/// <param name="Monitoring">Where to query it, and how.</param>
/// <param name="Doubt">
/// Appended to the error if nothing answers there: why the server may use another address. Empty if there is no reason to think so.
/// </param>
internal sealed record MonitoredAddress(MonitoringOptions Monitoring, string Doubt)
{
    /// <summary>
    /// Finds them; null, with a line in <paramref name="error"/>, if there is none. Works with
    /// an invalid configuration too, because a server that refused to reload it still runs with the previous one.
    /// </summary>
    public static MonitoredAddress? Find(RunArguments arguments, ConfigurationEnvironment environment, TextWriter error)
    {
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        if (result.Monitoring is { } monitoring)
            return new MonitoredAddress(monitoring, result.IsValid ? "" : $"; the configuration is invalid, so the server may use another address: {result.Errors[0]}");
        error.WriteLine("concentrator: Monitoring:Address is off, so the server cannot be queried; set it to an address");
        return null;
    }
}
