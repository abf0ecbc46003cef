using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;

namespace Concentrator.Tools.Taps;

/// <summary>The spool's directory of the server that runs with the same configuration: its control socket is there.</summary>
internal static class SpoolOf
{
    /// <summary>Works with an invalid configuration too, because a server that refused to reload it still runs with the previous one.</summary>
    public static string Find(RunArguments arguments, ConfigurationEnvironment environment) =>
        ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile).SpoolDirectory;
}
