using System.Globalization;
using Concentrator.Configuration;

namespace Concentrator.Commands;

/// <summary><c>concentrator check</c>: loads and validates the configuration as <c>run</c> would, and binds nothing.</summary>
internal static class CheckCommand
{
    /// <summary>
    /// Writes every error to <paramref name="error"/>, one a line, and returns 1; or what there is, and then every warning,
    /// to <paramref name="output"/>, and returns 0.
    /// </summary>
    public static int Execute(RunArguments arguments, ConfigurationEnvironment environment, TextWriter output, TextWriter error)
    {
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        if (!result.IsValid)
        {
            foreach (ConfigurationError wrong in result.Errors)
            {
                error.WriteLine(wrong);
            }
            return ExitCodes.Configuration;
        }
        ServerOptions options = result.Options;
        output.WriteLine($"OK: {Count(options.Listeners.Count, "listener")}, {Count(options.Outputs.Count, "output")}, "
            + $"{Count(options.Routes.Count, "route")} ({result.Sources})");
        foreach (string warning in options.Warnings)
        {
            output.WriteLine($"warning: {warning}");
        }
        return ExitCodes.Success;
    }

    private static string Count(int number, string thing) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : "s")}");
}
