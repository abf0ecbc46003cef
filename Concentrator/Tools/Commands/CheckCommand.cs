using System.CommandLine;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Hosting;
using Concentrator.Hosting.Status;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Commands;

/// <summary><c>concentrator check</c>: loads and validates the configuration as <c>run</c> would, and binds nothing.</summary>
internal static class CheckCommand
{
    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options) => options.Complete(
        new Command("check", "Load and validate the configuration; print all errors at once."), [],
        (_, arguments, stop) => ExecuteAsync(arguments, new ExaminedHost(), options.Environment, options.Output, options.Error, stop));

    /// <summary>
    /// Like <see cref="Execute"/>. If root checks the configuration of one of our systemd services, anything that root can use but the
    /// service cannot is an error too (<see cref="ServiceFiles"/>).
    /// </summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, ExaminedHost host, ConfigurationEnvironment environment, TextWriter output, TextWriter error, CancellationToken stop)
    {
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        if (!result.IsValid) return Report(result, output, error);
        Diagnosis[] wrong = [.. (await ServiceFiles.LookAsync(host, result, arguments.Overrides, environment, stop).ConfigureAwait(false)).Where(static one => one.Verdict != Verdict.Ok)];
        if (wrong.Length == 0) return Report(result, output, error);
        foreach (Diagnosis one in wrong) await error.WriteLineAsync($"{one.Subject}: {one.Finding}; {one.Remedy}").ConfigureAwait(false);
        return ExitCodes.Configuration;
    }

    /// <summary>
    /// On errors, writes them to <paramref name="error"/>, one a line, and returns 1. Otherwise writes a summary and every warning
    /// to <paramref name="output"/> and returns 0.
    /// </summary>
    public static int Execute(RunArguments arguments, ConfigurationEnvironment environment, TextWriter output, TextWriter error) =>
        Report(ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile), output, error);

    private static int Report(ConfigurationResult result, TextWriter output, TextWriter error)
    {
        if (!result.IsValid)
        {
            foreach (ConfigurationError wrong in result.Errors)
            {
                error.WriteLine(wrong);
            }
            return ExitCodes.Configuration;
        }
        ServerOptions options = result.Options;
        output.WriteLine($"OK: {StatusLine.Count(options.Listeners.Count, "listener")}, {StatusLine.Count(options.Outputs.Count, "output")}, "
            + $"{StatusLine.Count(options.Routes.Count, "route")} ({result.Sources})");
        foreach (string warning in options.Warnings)
        {
            output.WriteLine($"warning: {warning}");
        }
        return ExitCodes.Success;
    }
}
