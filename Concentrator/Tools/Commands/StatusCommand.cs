using System.CommandLine;
using System.Text.Json;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator status</c>: asks the server that runs with the same configuration for its status document and prints it as plain text of
/// at most 80 columns, or unchanged.
/// </summary>
internal static class StatusCommand
{
    /// <summary>Exit code for a server that is not ready or does not answer.</summary>
    private const int NotReady = 1;

    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options)
    {
        Option<bool> json = new("--json") { Description = "Print the server's /status.json document unchanged; with --cluster, a document of the cluster." };
        Option<bool> cluster = new("--cluster")
        {
            Description = "Add up the ledger of a whole cluster instead (outputs of type nats, listeners at nats://); exit 0 if it balances.",
        };
        Option<string?> output = new("--output") { Description = "With --cluster: the output whose stream is meant, if there are several.", HelpName = "NAME" };
        Option<string?> listener = new("--listener") { Description = "With --cluster: the listener whose stream is meant, if there are several.", HelpName = "NAME" };
        return options.Complete(
            new Command("status", "Show the running server's state: listeners, outputs, ledger, queues, last errors; exit 0 if it is ready."),
            [json, cluster, output, listener],
            async (parsed, arguments, stop) =>
            {
                (string? outputName, string? listenerName) = (parsed.GetValue(output), parsed.GetValue(listener));
                bool isCluster = parsed.GetValue(cluster);
                string? wrong = (outputName ?? listenerName) is not null && !isCluster ? "--output and --listener belong to --cluster; add it"
                    : outputName is not null && listenerName is not null ? "--output and --listener exclude each other; use only one of them"
                    : null;
                if (wrong is not null)
                {
                    await options.Error.WriteLineAsync($"concentrator: {wrong}").ConfigureAwait(false);
                    return ExitCodes.Unusable;
                }
                return isCluster
                    ? await ClusterStatus.ExecuteAsync(arguments, outputName, listenerName, parsed.GetValue(json), options.Environment, options.Output, options.Error, stop).ConfigureAwait(false)
                    : await ExecuteAsync(arguments, parsed.GetValue(json), options.Environment, options.Output, options.Error, stop).ConfigureAwait(false);
            });
    }

    /// <summary>0 = ready, 1 = not ready or no answer, 2 = no server to ask. <paramref name="error"/> gets the reason, one line.</summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, bool asJson, ConfigurationEnvironment environment, TextWriter output, TextWriter error, CancellationToken stop)
    {
        if (MonitoredAddress.Find(arguments, environment, error) is not { } asked) return ExitCodes.Unusable;
        using StatusQuery query = new(asked);
        (string text, JsonDocument? document, StatusProblem? problem) = await query.AskAsync(stop).ConfigureAwait(false);
        using (document)
        {
            bool isReady = false;
            IReadOnlyList<string>? lines = document is null ? null : TryReport(document.RootElement, out isReady);
            if (lines is null)
            {
                problem ??= query.Stranger;
                await error.WriteLineAsync($"concentrator: {problem.Text}").ConfigureAwait(false);
                return problem.IsReached ? ExitCodes.Unusable : NotReady;
            }
            if (asJson) await output.WriteAsync(text).ConfigureAwait(false);
            else foreach (string line in lines) await output.WriteLineAsync(line).ConfigureAwait(false);
            return isReady ? ExitCodes.Success : NotReady;
        }
    }

    /// <summary>Null if it is not a document of that version, despite its version number.</summary>
    private static IReadOnlyList<string>? TryReport(JsonElement status, out bool isReady)
    {
        isReady = false;
        try
        {
            isReady = status.GetProperty("ready").GetBoolean();
            return StatusReport.Lines(status);
        }
        catch (Exception e) when (StatusQuery.IsMalformed(e))
        {
            return null;
        }
    }
}
