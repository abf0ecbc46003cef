using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads <c>Servers</c>: the addresses of a cluster of NATS servers.</summary>
internal static class NatsServersReader
{
    public const string Key = "Servers";

    private const string Example = "for example [\"nats1.example.net:4222\", \"nats2.example.net:4222\", \"nats3.example.net:4222\"]";

    /// <summary>Empty if there is none; that was reported.</summary>
    public static IReadOnlyList<RelayEndpoint> Read(SectionReader section)
    {
        IReadOnlyList<ListEntry>? entries = section.Texts(Key);
        if (entries is null || entries.Count == 0)
        {
            section.Missing(Key, $"is missing or empty; write the servers of the cluster, {Example}");
            return [];
        }
        List<RelayEndpoint> servers = [];
        foreach (ListEntry entry in entries)
        {
            if (!NatsServer.Parse(entry.Text).TryGet(out RelayEndpoint? server, out string? problem)) section.Context.Errors.Add(entry.Path, problem);
            else if (servers.Contains(server)) section.Context.Errors.Add(entry.Path, $"lists {server} twice; remove one");
            else servers.Add(server);
        }
        return servers;
    }
}
