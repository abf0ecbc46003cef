using System.CommandLine;
using System.Runtime.CompilerServices;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator doctor</c>: checks this host in the order of a message's journey, and reports the state of each part and
/// the remedy. Changes nothing except, with <c>--fix</c>, one file.
/// </summary>
internal static class DoctorCommand
{
    private const int Warnings = 1;
    private const int Failures = 2;

    /// <summary>Precedes the command that fixes it in a warning of the configuration.</summary>
    private const string RunIt = "; run: ";

    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options)
    {
        Option<bool> fix = new("--fix") { Description = "Write the kernel settings to /etc/sysctl.d/60-concentrator.conf; change nothing else." };
        return options.Complete(
            new Command("doctor", "Check this host, HAProxy and the relays; print each problem with its remedy."), [fix],
            (parsed, arguments, stop) => ExecuteAsync(
                arguments, parsed.GetValue(fix), new ExaminedHost(), options.Environment, options.Output, options.Error, stop));
    }

    /// <summary>
    /// Writes a line per finding, <c>ok|warn|FAIL  what: finding</c>, with the remedy indented below problems, and a summary.
    /// Returns 0 = all is well, 1 = warnings (or an invalid configuration, reported as by <c>check</c>), 2 = failures.
    /// </summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, bool fix, ExaminedHost host, ConfigurationEnvironment environment, TextWriter output, TextWriter error,
        CancellationToken stop)
    {
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        if (!result.IsValid)
        {
            foreach (ConfigurationError wrong in result.Errors) await error.WriteLineAsync(wrong.ToString()).ConfigureAwait(false);
            return ExitCodes.Configuration;
        }
        int[] count = new int[Enum.GetValues<Verdict>().Length];
        try
        {
            await foreach (Diagnosis diagnosis in Examine(result, arguments, environment, fix, host, stop).ConfigureAwait(false))
            {
                count[(int)diagnosis.Verdict]++;
                await output.WriteLineAsync(Line(diagnosis)).ConfigureAwait(false);
                foreach (string line in diagnosis.Remedy?.Split('\n') ?? [])
                    await output.WriteLineAsync($"      {line}").ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await error.WriteLineAsync("concentrator: interrupted before all checks were done").ConfigureAwait(false);
            return Failures;
        }
        (int warnings, int failures) = (count[(int)Verdict.Warn], count[(int)Verdict.Fail]);
        await output.WriteLineAsync(FormattableString.Invariant($"{count[(int)Verdict.Ok]} ok, {warnings} warnings, {failures} failed")).ConfigureAwait(false);
        return failures > 0 ? Failures : warnings > 0 ? Warnings : ExitCodes.Success;
    }

    private static async IAsyncEnumerable<Diagnosis> Examine(
        ConfigurationResult result, RunArguments arguments, ConfigurationEnvironment environment, bool fix, ExaminedHost host,
        [EnumeratorCancellation] CancellationToken stop)
    {
        if (!host.IsRoot)
        {
            yield return Diagnosis.Warn(
                "user", $"{Environment.UserName} is not root, so some checks are not possible and the results below may be incomplete", "sudo concentrator doctor");
        }
        yield return Diagnosis.Ok("configuration", result.Sources);
        foreach (string warning in result.Options!.Warnings) yield return Diagnosis.Warn("configuration", warning, Remedy(result, warning));
        foreach (Diagnosis found in await ServiceFiles.LookAsync(host, result, arguments.Overrides, environment, stop).ConfigureAwait(false)) yield return found;
        await foreach (Diagnosis found in new DoctorChecks(host, result.Options).RunAsync(stop).ConfigureAwait(false)) yield return found;
        if (fix) yield return new SysctlFile(host).Write();
    }

    private static string Remedy(ConfigurationResult result, string warning) => warning.LastIndexOf(RunIt, StringComparison.Ordinal) is >= 0 and int at
        ? warning[(at + RunIt.Length)..]
        : warning == BuiltInConfigurationProvider.NoKeyWarning
        ? $"{ConfigurationEnvironment.IntakeKeyVariable}=KEY in the server's environment, or a configuration with \"IntakeKeyFile\""
        : $"edit {FileOf(result, warning)}, then: concentrator check {(result.Intakes is null ? "--config" : "--intakes")} {result.Source}";

    /// <summary>The file that a warning is about; the warning begins with its name.</summary>
    private static string FileOf(ConfigurationResult result, string warning) =>
        result.Parts.FirstOrDefault(part => warning.StartsWith($"{part}:", StringComparison.Ordinal)) ?? result.Source;

    private static string Line(Diagnosis diagnosis)
    {
        string verdict = diagnosis.Verdict switch { Verdict.Ok => "ok  ", Verdict.Warn => "warn", _ => "FAIL" };
        return $"{verdict}  {diagnosis.Subject}: {diagnosis.Finding}";
    }
}
