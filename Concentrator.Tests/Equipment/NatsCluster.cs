using System.Globalization;
using System.Text.Json;

namespace Concentrator.Tests.Equipment;

/// <summary>Three real nats-servers as a cluster, on ports of 127.0.0.1, which is ready when it has a leader for JetStream.</summary>
internal sealed class NatsCluster : IDisposable
{
    public NatsCluster(TempDirectory directory, int servers = 3)
    {
        int[] routes = [.. Enumerable.Range(0, servers).Select(static _ => FreePort.Next())];
        string all = string.Join(", ", routes.Select(static port => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{port}")));
        Servers = [.. routes.Select((port, i) => new NatsServer(
            directory, string.Create(CultureInfo.InvariantCulture, $"cluster {{ name: test, listen: 127.0.0.1:{port}, routes: [{all}] }}"), $"n{i + 1}"))];
        try
        {
            foreach (NatsServer server in Servers) server.Start(wait: false);
            WaitUntilReady();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<NatsServer> Servers { get; }

    public string[] Addresses => [.. Servers.Select(static server => server.Address)];

    /// <summary>Waits until the servers that run have elected a leader for JetStream.</summary>
    public void WaitUntilReady()
    {
        NatsServer any = Servers.First(static server => server.IsRunning);
        Eventually.Holds(() => any.IsRunning && NatsProbe.Ask(any, "$JS.API.INFO") is { } answer && !answer.Contains("\"error\"", StringComparison.Ordinal), "the cluster has a leader", Deadline.Process, any.Describe);
    }

    /// <summary>The server that leads a stream.</summary>
    public NatsServer LeaderOf(string stream)
    {
        string? leader = null;
        Eventually.Holds(() => (leader = Leader(stream)) is not null, $"stream {stream} has a leader", Deadline.Process);
        return Servers.Single(server => server.Name == leader);
    }

    public void Dispose()
    {
        foreach (NatsServer server in Servers) server.Dispose();
    }

    private string? Leader(string stream)
    {
        if (Servers.FirstOrDefault(static server => server.IsRunning) is not { } any || NatsProbe.Ask(any, $"$JS.API.STREAM.INFO.{stream}") is not { } answer) return null;
        using JsonDocument document = JsonDocument.Parse(answer);
        return document.RootElement.TryGetProperty("cluster", out JsonElement cluster) && cluster.TryGetProperty("leader", out JsonElement leader) ? leader.GetString() : null;
    }
}
