using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting.Systemd;
using Concentrator.Hosting.Views;
using Concentrator.Pipeline;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting;

/// <summary>
/// What the server does on <see cref="Sighup"/>: opens its files again, reads the configuration with the arguments of its start, and
/// switches to it. If that is not valid, the old configuration stays. One caller at a time.
/// </summary>
internal sealed class Reload(
    RunArguments arguments, ConfigurationEnvironment environment, ServerPipeline pipeline, ServerView view, KeyMask keys, ServiceStatus status,
    SystemdNotifier systemd, ILogger log)
{
    /// <summary>
    /// An unexpected exception, in a loader or at a bind, fails the reload and not the server, which stays as far as the reload got.
    /// </summary>
    public async Task RunAsync()
    {
        systemd.Reloading();
        pipeline.Reopen();
        try
        {
            await ChangeConfigurationAsync().ConfigureAwait(false);
        }
        catch (Exception unforeseen)
        {
            log.ReloadFailed(unforeseen);
        }
        systemd.Ready();
    }

    private async Task ChangeConfigurationAsync()
    {
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        if (!result.IsValid)
        {
            foreach (ConfigurationError wrong in result.Errors) log.ConfigurationProblem(wrong.ToString());
            log.ReloadRefused(result.Errors.Count);
            return;
        }
        keys.Learn(result.Options);
        foreach (string warning in result.Options.Warnings) log.ConfigurationWarning(warning);
        if (!await pipeline.ReloadAsync(result.Options).ConfigureAwait(false)) return;

        // A change of these takes effect only at a restart.
        status.Serve(result.Options with { Spool = view.Options!.Spool, Monitoring = view.Options.Monitoring, Otlp = view.Options.Otlp });
        log.ReloadDone(result.Options.Listeners.Count, result.Options.Outputs.Count, result.Options.Routes.Count);
    }
}
