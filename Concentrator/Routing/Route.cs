using System.Text;
using Concentrator.Configuration;
using Concentrator.Messages;
using Concentrator.Spool;

namespace Concentrator.Routing;

/// <summary>Where a route leads: one output, and what this route's messages look like there.</summary>
internal sealed record RouteTarget(OutputSpool Spool, Renderer Renderer, int OutputIndex);

/// <summary>One route, its conditions compiled: checking them allocates nothing. Immutable.</summary>
internal sealed class Route
{
    private readonly byte _severities;
    private readonly uint _facilities;
    private readonly Glob? _program;
    private readonly Glob? _host;
    private readonly SenderNetwork? _sender;
    private readonly byte[]? _contains;

    public Route(RouteOptions options, RouteTarget[] targets)
    {
        _severities = options.Severities;
        _facilities = options.Facilities;
        _program = options.Program is null ? null : new Glob(options.Program, ignoreCase: false);
        _host = options.Host is null ? null : new Glob(options.Host, ignoreCase: true);
        _sender = options.Sender is { } network ? new SenderNetwork(network) : null;
        _contains = options.Contains is null ? null : Encoding.UTF8.GetBytes(options.Contains);
        Targets = targets;
        Stop = options.Stop;
    }

    public RouteTarget[] Targets { get; }

    /// <summary>A message that matched here is not offered to later routes.</summary>
    public bool Stop { get; }

    /// <summary>Cheapest condition first.</summary>
    public bool Matches(in SyslogMessage message, in Reception reception, SenderAddress sender) =>
        (_severities >> (int)message.Severity & 1) != 0
        && (_facilities >> (int)message.Facility & 1) != 0
        && (_sender is null || _sender.Contains(sender))
        && (_program is null || _program.Matches(message.AppName))
        && (_host is null || _host.Matches(ShownHost.Of(message, reception)))
        && (_contains is null || message.Text.IndexOf(_contains) >= 0);
}
