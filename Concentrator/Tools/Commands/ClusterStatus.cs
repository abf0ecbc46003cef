using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Hosting;
using Concentrator.JetStream;
using Concentrator.Tools.Cluster;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator status --cluster</c>: adds up what the edges of a stream have accepted and what has become of it, with the servers, credentials and stream of the
/// configuration. No server has to run here.
/// </summary>
internal static class ClusterStatus
{
    private const int NotBalanced = 1;

    /// <summary>0 = balanced, 1 = not, or nobody of the cluster can be asked, 2 = there is no cluster to ask. <paramref name="error"/> gets the reason, one line.</summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, string? outputName, string? listenerName, bool asJson, ConfigurationEnvironment environment, TextWriter output, TextWriter error,
        CancellationToken stop)
    {
        ConfigurationResult configuration = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);
        if (configuration.Options is not { } options)
        {
            foreach (ConfigurationError wrong in configuration.Errors) await error.WriteLineAsync($"concentrator: {wrong}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        if (ClusterTarget.Find(options, outputName, listenerName, out string problem) is not { } target)
        {
            await error.WriteLineAsync($"concentrator: {problem}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        (NatsSession? session, RelayEndpoint? server, problem) = await ClusterSession.OpenAsync(target, stop).ConfigureAwait(false);
        if (session is null)
        {
            await error.WriteLineAsync($"concentrator: no server of the cluster can be asked: {problem}").ConfigureAwait(false);
            return NotBalanced;
        }
        await using (session.ConfigureAwait(false))
        {
            (ClusterView? view, string? why) = await new ClusterQuery(session, target, server!.ToString(), TimeProvider.System).AskAsync(stop).ConfigureAwait(false);
            if (view is null)
            {
                await error.WriteLineAsync($"concentrator: {why}").ConfigureAwait(false);
                return NotBalanced;
            }
            if (asJson) await output.WriteAsync(ClusterDocument.Of(view)).ConfigureAwait(false);
            else foreach (string line in ClusterReport.Lines(view)) await output.WriteLineAsync(line).ConfigureAwait(false);
            return view.IsBalanced ? ExitCodes.Success : NotBalanced;
        }
    }
}
