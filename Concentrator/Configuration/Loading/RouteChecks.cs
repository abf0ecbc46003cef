using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Loading;

/// <summary>Checks that need listeners, outputs and routes together.</summary>
internal sealed class RouteChecks(
    ConfigurationErrors errors,
    IReadOnlyList<ListenerOptions> listeners,
    IReadOnlyList<OutputOptions> outputs,
    IReadOnlyList<RouteOptions> routes)
{
    /// <summary>Reports keys that have no effect and keys that are needed but missing.</summary>
    public void CheckKeys()
    {
        foreach (RouteOptions route in routes)
        {
            if (route is { IntakeKey: not null, To.Count: > 0 } && route.To.All(name => Find(name) is FileOutputOptions))
            {
                errors.Add($"{Place(route)}:{IntakeKeyReader.KeyKey}",
                    "has no effect because all outputs of this route are files, which never contain the key; remove it, or name a relay in To");
            }
        }
        foreach (RelayOutputOptions relay in outputs.OfType<RelayOutputOptions>())
        {
            List<RouteOptions> bound = [.. routes.Where(route => route.To.Contains(relay.Name))];
            List<RouteOptions> keyless = [.. bound.Where(route => (route.IntakeKey ?? relay.IntakeKey) is null)];
            string places = string.Join(", ", keyless.Select(Place));
            if (relay.Format == RelayFormat.Sekoia && keyless.Count > 0)
            {
                (string key, string value) = relay.Protocol == RelayProtocol.Https ? ("Type", relay.Type) : ("Format", "sekoia");
                errors.Add($"{Place(relay)}:{key}", $"is \"{value}\", which needs an intake key, but none applies to messages routed "
                    + $"by {places}; write {IntakeKeyReader.KeyKey} or {IntakeKeyReader.FileKey} here or on each of these routes");
            }
            else if (relay.Format is null && keyless.Count > 0 && keyless.Count < bound.Count)
            {
                errors.Warn(Place(relay), $"some routes have an intake key and {places} have none: messages routed by the latter are sent as "
                    + "rfc5424, without a key");
            }
        }
    }

    /// <summary>Warns of parts that can never do anything. Only for a valid configuration: broken parts would look unused.</summary>
    /// <param name="fedBesides">Names of outputs that get messages without a route.</param>
    public void WarnOfIdleParts(IReadOnlyList<string> fedBesides)
    {
        HashSet<string> taken = [];
        HashSet<string> stopped = [];
        HashSet<string> fed = [.. fedBesides];
        foreach (RouteOptions route in routes)
        {
            List<ListenerOptions> matching = [.. listeners.Where(listener => CanMatch(route, listener))];
            List<string> reaching = [.. matching.Select(listener => listener.Name).Where(name => !stopped.Contains(name))];
            if (matching.Count == 0)
            {
                errors.Warn(Place(route), "never matches: Sender applies to network senders only, and all its listeners "
                    + "are unix sockets");
            }
            else if (reaching.Count == 0)
            {
                errors.Warn(Place(route), "is never reached: earlier routes without other conditions stop all messages from its listeners");
            }
            taken.UnionWith(reaching);
            if (reaching.Count > 0)
            {
                fed.UnionWith(route.To);
            }
            if (route.Stop && IsUnconditional(route))
            {
                stopped.UnionWith(reaching);
            }
        }
        foreach (ListenerOptions listener in listeners.Where(listener => !taken.Contains(listener.Name)))
        {
            errors.Warn($"{ListenersReader.Section}:{listener.Name}", "no route matches its messages: they will be counted as "
                + "unrouted and dropped");
        }
        foreach (OutputOptions output in outputs.Where(output => !fed.Contains(output.Name)))
        {
            errors.Warn(Place(output), "no route leads to this output: nothing will ever be written or sent");
        }
    }

    private static bool CanMatch(RouteOptions route, ListenerOptions listener) =>
        (route.From is null || route.From.Contains(listener.Name)) && (route.Sender is null || !listener.Address.IsUnix);

    /// <summary>Whether the route matches every message of its listeners.</summary>
    private static bool IsUnconditional(RouteOptions route) =>
        route == new RouteOptions
        {
            Index = route.Index,
            From = route.From,
            IntakeKey = route.IntakeKey,
            To = route.To,
            Stop = route.Stop,
        };

    private OutputOptions? Find(string name) => outputs.FirstOrDefault(output => output.Name == name);

    private static string Place(RouteOptions route) => $"{RoutesReader.Section}:{route.Index}";

    private static string Place(OutputOptions output) => $"{OutputsReader.Section}:{output.Name}";
}
