using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Cluster;

/// <summary>The stream whose ledger is asked for, and how a server of the configuration reaches it.</summary>
/// <param name="Peer">The servers, the proxy and TLS, as an output has them.</param>
/// <param name="Credentials">Who asks: the output or the listener.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Consumer">The relays' consumer; null where only their records say it.</param>
/// <param name="Replicas">Servers that hold the ledger, for the command that makes it.</param>
internal sealed record ClusterTarget(RelayOutputOptions Peer, NatsCredentials Credentials, string Stream, string? Consumer, int Replicas)
{
    /// <summary>
    /// The output or listener with that name; without names the only one, or any of several that share a stream. Null with the reason if there is none,
    /// or several.
    /// </summary>
    public static ClusterTarget? Find(ServerOptions options, string? output, string? listener, out string problem)
    {
        (string Option, string Name, ClusterTarget Target)[] all =
        [
            .. options.Listeners.Where(static l => l.Nats is not null).Select(static l => ("--listener", l.Name, Of(l))),
            .. options.Outputs.OfType<RelayOutputOptions>().Where(static o => o.Nats is not null).Select(static o => ("--output", o.Name, Of(o))),
        ];
        problem = "the configuration has no output of type nats and no listener at nats://, so this server is in no cluster";
        if (all.Length == 0) return null;
        string names = string.Join(", ", all.Select(static one => $"{one.Option} {one.Name}"));
        (string Option, string Name, ClusterTarget Target)[] wanted =
            [.. all.Where(one => (output ?? listener) is null || one.Name == (one.Option == "--output" ? output : listener))];
        problem = wanted.Length == 0
            ? $"the configuration has no {(output is null ? $"listener {listener} at nats://" : $"output {output} of type nats")}; it has {names}"
            : $"the configuration has several streams; choose one: {names}";
        return wanted.Select(static one => one.Target.Stream).Distinct(StringComparer.Ordinal).Count() == 1 ? wanted[0].Target : null;
    }

    private static ClusterTarget Of(ListenerOptions listener)
    {
        NatsListenerOptions nats = listener.Nats!;
        RelayOutputOptions peer = new() { Name = listener.Name, Endpoints = listener.Address.Servers!, Protocol = RelayProtocol.Nats, Tls = nats.Tls };
        return new ClusterTarget(peer, nats.Credentials, nats.Stream, nats.Consumer, new NatsStreamLimits().Replicas);
    }

    private static ClusterTarget Of(RelayOutputOptions output) =>
        new(output, output.Nats!.Credentials, output.Nats.Stream, Consumer: null, (output.Nats.CreateStream ?? new NatsStreamLimits()).Replicas);
}
