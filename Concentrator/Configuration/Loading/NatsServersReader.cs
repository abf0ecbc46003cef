using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads <c>Servers</c>: the addresses of a cluster of NATS servers.</summary>
internal static class NatsServersReader
{
    public const string Key = "Servers";

    public const int DefaultPort = 4222;

    private const string Scheme = "nats://";

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
            if (!Parse(entry.Text).TryGet(out RelayEndpoint? server, out string? problem)) section.Context.Errors.Add(entry.Path, problem);
            else if (servers.Contains(server)) section.Context.Errors.Add(entry.Path, $"lists {server} twice; remove one");
            else servers.Add(server);
        }
        return servers;
    }

    /// <summary>One server: <c>host</c> or <c>host:port</c>, with or without <c>nats://</c>.</summary>
    public static Parsed<RelayEndpoint> Parse(string text)
    {
        if (text.StartsWith("tls://", StringComparison.OrdinalIgnoreCase))
            return new Problem($"{Problem.Quote(text)} has the scheme tls; write host:port, and \"Tls\": true or an object beside it");
        string place = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].TrimEnd('/') : text;

        // What precedes an @ may be a password: it is not shown.
        if (place.Contains('@', StringComparison.Ordinal)) return new Problem($"has credentials; write them into the keys User and PasswordFile, or TokenFile");
        if (!HasPort(place)) place = FormattableString.Invariant($"{place}:{DefaultPort}");
        return AddressParser.ParsePeer(place).TryGet(out RelayEndpoint? server, out string? problem)
            ? server
            : new Problem(problem.Replace("intake.sekoia.io:10514", "nats1.example.net:4222", StringComparison.Ordinal));
    }

    private static bool HasPort(string place) => place.LastIndexOf(':') > place.LastIndexOf(']');
}
