using System.Net;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;

namespace Concentrator.Tools.Commands;

/// <summary>Where the server that runs with the same configuration shows its status pages.</summary>
/// <param name="Address">To be asked.</param>
/// <param name="Doubt">
/// To be added to a line that says that nobody answered there: why the server's address may be another. Empty where nothing speaks for that.
/// </param>
internal sealed record MonitoredAddress(IPEndPoint Address, string Doubt)
{
    /// <summary>
    /// Null, with a line in <paramref name="error"/>, where it shows none: <see cref="ExitCodes.Unusable"/>. A bad edit does not make the
    /// server ill that goes on with the configuration from before it, so a configuration that is wrong elsewhere says where to ask, too.
    /// </summary>
    public static MonitoredAddress? Find(RunArguments arguments, ConfigurationEnvironment environment, TextWriter error)
    {
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        if (result.Monitoring is { } address)
            return new MonitoredAddress(address, result.IsValid ? "" : $"; the configuration cannot be used, so its address may be another: {result.Errors[0]}");
        error.WriteLine("concentrator: Monitoring:Address is off, so nobody can be asked; give it an address");
        return null;
    }
}
