using Concentrator.Configuration.Options;
using Concentrator.Messages.Rendering;
using Concentrator.Queues;

namespace Concentrator.Routing;

/// <summary>Compiles the configured routes into one <see cref="RouteTable"/> a listener.</summary>
internal sealed class RouteCompiler
{
    private readonly ServerOptions _options;
    private readonly IReadOnlyDictionary<string, MemoryQueue> _spools;
    private readonly MemoryQueue[] _outputs;

    /// <param name="spools">Keyed by output name; one for every output of the options.</param>
    public RouteCompiler(ServerOptions options, IReadOnlyDictionary<string, MemoryQueue> spools)
    {
        _options = options;
        _spools = spools;
        _outputs = [.. options.Outputs.Select(output => spools[output.Name])];
    }

    public RouteTable TableFor(string listener) => new(
        [.. _options.Routes
            .Where(route => route.From is null || route.From.Contains(listener, StringComparer.OrdinalIgnoreCase))
            .Select(route => new Route(route, [.. route.To.Select(output => TargetOf(listener, route, output))]))],
        _outputs);

    /// <summary>A table that routes everything to these outputs.</summary>
    /// <param name="source">The name of the source of the messages.</param>
    public RouteTable TableTo(string source, IReadOnlyList<string> outputs)
    {
        RouteOptions route = new() { Index = 0, To = outputs };
        return new RouteTable([new Route(route, [.. outputs.Select(output => TargetOf(source, route, output))])], _outputs);
    }

    private RouteTarget TargetOf(string listener, RouteOptions route, string output)
    {
        int index = IndexOf(output);
        OutputOptions options = _options.Outputs[index];
        Renderer renderer = options is FileOutputOptions { Format: FileFormat.Debug }
            ? new DebugLines(listener, options.Timestamp, KeyOf(route)?.ToString(), RelaysOf(route).FirstOrDefault()?.StructuredData ?? default)
            : RendererFor(options, route.IntakeKey);
        return new RouteTarget(_spools[options.Name], renderer, index, LimitOf(options, renderer));
    }

    private static int LimitOf(OutputOptions options, Renderer renderer) => options is RelayOutputOptions relay
        ? relay.MaxFrameSize ?? (renderer is SekoiaFrame ? RelayOutputOptions.MostForSekoia : RelayOutputOptions.MostForOthers)
        : FrameLimit.None;

    private int IndexOf(string output) =>
        _options.Outputs.TakeWhile(o => !o.Name.Equals(output, StringComparison.OrdinalIgnoreCase)).Count();

    /// <summary>The key that the route's relays send; the first if there are several.</summary>
    private Secret? KeyOf(RouteOptions route) =>
        route.IntakeKey
        ?? RelaysOf(route).Select(static relay => relay.IntakeKey).FirstOrDefault(static key => key is not null);

    private IEnumerable<RelayOutputOptions> RelaysOf(RouteOptions route) =>
        route.To.Select(name => _options.Outputs[IndexOf(name)]).OfType<RelayOutputOptions>();

    private static Renderer RendererFor(OutputOptions output, Secret? routeKey) => output switch
    {
        FileOutputOptions file => (file.Format ?? ExistingFileFormat.Default) switch
        {
            FileFormat.Traditional => new TraditionalLine(file.Timestamp),
            FileFormat.Rfc3339 => new Rfc3339Line(file.Timestamp),
            FileFormat.Rfc5424 => new Rfc5424Line(file.Timestamp),
            FileFormat.Message => new MessageLine(),
            FileFormat.Json => new JsonLine(file.Timestamp),
            _ => new RawLine(),
        },
        RelayOutputOptions relay => (relay.Format, routeKey ?? relay.IntakeKey) switch
        {
            (RelayFormat.Raw, _) => new RawFrame(),
            (RelayFormat.Sekoia or null, { } key) => new SekoiaFrame(
                relay.Timestamp, key.Reveal(), relay.StructuredData, relay.ControlCharacters ?? ControlCharacters.Escape),
            _ => new Rfc5424Frame(relay.Timestamp, relay.ControlCharacters ?? ControlCharacters.Keep),
        },
        _ => throw new ArgumentException($"no renderer for {output.GetType().Name}", nameof(output)),
    };
}
