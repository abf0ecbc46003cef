using System.Net;
using Concentrator.Configuration;
using Concentrator.Telemetry;

namespace Concentrator.Commands;

/// <summary>
/// <c>concentrator health</c>: asks the server that runs with the same configuration how it is. For a container's health check: an
/// image with nothing but the program in it has no other client.
/// </summary>
internal static class HealthCommand
{
    private const int NotHealthy = 1;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Writes the server's answer. 0 = alive (and, where asked for, ready), 1 = not, 2 = it shows no status pages.</summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, bool ready, ConfigurationEnvironment environment, TextWriter output, TextWriter error, CancellationToken stop)
    {
        ConfigurationResult result = ConfigurationLoader.Load(arguments.ConfigFile, arguments.Overrides, environment, arguments.IntakesFile);

        // A bad edit does not make the server ill that goes on with the configuration from before it.
        ServerOptions? options = result.IsValid ? result.Options : null;
        if ((options is null ? ServerOptions.DefaultMonitoring : options.Monitoring) is not { } address)
        {
            await error.WriteLineAsync("concentrator: Monitoring:Address is off, so nobody can be asked; give it an address").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        return await AskAsync(StatusClient.Page(address, ready ? "readyz" : "healthz"), output, error, stop).ConfigureAwait(false);
    }

    private static async Task<int> AskAsync(Uri page, TextWriter output, TextWriter error, CancellationToken stop)
    {
        using HttpClient client = StatusClient.Create(Limit);
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(page, stop).ConfigureAwait(false);
            string text = (await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false)).TrimEnd();
            await (answer.IsSuccessStatusCode ? output : error).WriteLineAsync(text).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? ExitCodes.Success : NotHealthy;
        }
        catch (HttpRequestException unreachable)
        {
            await error.WriteLineAsync($"concentrator: no server answers at {page}: {unreachable.Message}").ConfigureAwait(false);
            return NotHealthy;
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            await error.WriteLineAsync($"concentrator: the server at {page} did not answer within {Limit.TotalSeconds:0} s").ConfigureAwait(false);
            return NotHealthy;
        }
    }
}
