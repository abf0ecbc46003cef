using System.CommandLine;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Hosting.Status;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator health</c>: asks the server that runs with the same configuration for its health. For a container's health check,
/// because an image with only the program in it has no other client.
/// </summary>
internal static class HealthCommand
{
    private const int NotHealthy = 1;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options)
    {
        Option<bool> ready = new("--ready") { Description = "Also check readiness: listening, and every relay connected or its queue less than half full." };
        return options.Complete(
            new Command("health", "Check the health of the running server; exit 0 if it is healthy."), [ready],
            (parsed, arguments, stop) => ExecuteAsync(arguments, parsed.GetValue(ready), options.Environment, options.Output, options.Error, stop));
    }

    /// <summary>Writes the server's answer. Returns 0 = alive (and, if asked for, ready), 1 = not, 2 = it has no status pages.</summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, bool ready, ConfigurationEnvironment environment, TextWriter output, TextWriter error, CancellationToken stop)
    {
        if (MonitoredAddress.Find(arguments, environment, error) is not { } asked) return ExitCodes.Unusable;
        using StatusClient client = new(asked.Monitoring, Limit);
        return await AskAsync(client, ready ? "readyz" : "healthz", asked.Doubt, output, error, stop).ConfigureAwait(false);
    }

    private static async Task<int> AskAsync(StatusClient client, string page, string doubt, TextWriter output, TextWriter error, CancellationToken stop)
    {
        try
        {
            using HttpResponseMessage answer = await client.Http.GetAsync(client.Page(page), stop).ConfigureAwait(false);
            string text = (await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false)).TrimEnd();
            await (answer.IsSuccessStatusCode ? output : error).WriteLineAsync(text).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? ExitCodes.Success : NotHealthy;
        }
        catch (HttpRequestException unreachable)
        {
            await error.WriteLineAsync($"concentrator: no server answers at {client.Where(page)}: {unreachable.Message}{doubt}").ConfigureAwait(false);
            return NotHealthy;
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            await error.WriteLineAsync($"concentrator: the server at {client.Where(page)} did not answer within {Limit.TotalSeconds:0} s").ConfigureAwait(false);
            return NotHealthy;
        }
    }
}
