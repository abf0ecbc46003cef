using Concentrator.Configuration.Options;
using Concentrator.Messages;
using Concentrator.Messages.Rendering;
using Concentrator.Queues;

namespace Concentrator.Routing;

/// <summary>The target of a route: one output, and how this route's messages are rendered for it.</summary>
/// <param name="MostBytes">The most bytes of a rendered message; a longer one is cut (<see cref="FrameLimit"/>).</param>
internal sealed record RouteTarget(MemoryQueue Spool, Renderer Renderer, int OutputIndex, int MostBytes);

/// <summary>One route with compiled conditions: checking them allocates nothing. Immutable.</summary>
internal sealed class Route
{
    private readonly byte _severities;
    private readonly uint _facilities;
    private readonly Glob? _program;
    private readonly Glob? _programName;
    private readonly Glob? _host;
    private readonly SenderNetwork? _sender;
    private readonly TextCondition[]? _any;
    private readonly TextCondition[] _all;

    public Route(RouteOptions options, RouteTarget[] targets)
    {
        _severities = options.Severities;
        _facilities = options.Facilities;
        _program = options.Program is null ? null : new Glob(options.Program, ignoreCase: false);
        _programName = options.ProgramName is null ? null : new Glob(options.ProgramName, ignoreCase: false);
        _host = options.Host is null ? null : new Glob(options.Host, ignoreCase: true);
        _sender = options.Sender is { } network ? new SenderNetwork(network) : null;
        _any = options.Contains?.Select(static text => new TextCondition(text)).ToArray();
        _all = [.. (options.ContainsAll ?? []).Select(static text => new TextCondition(text))];
        Index = options.Index;
        Targets = targets;
        Stop = options.Stop;
    }

    /// <summary>Position in the configuration, from 0.</summary>
    public int Index { get; }

    public RouteTarget[] Targets { get; }

    /// <summary>Whether a message that matched is withheld from later routes.</summary>
    public bool Stop { get; }

    /// <summary>Whether all conditions hold, the cheapest checked first.</summary>
    public bool Matches(in SyslogMessage message, in Reception reception, SenderAddress sender) =>
        (_severities >> (int)message.Severity & 1) != 0
        && (_facilities >> (int)message.Facility & 1) != 0
        && (_sender is null || _sender.Contains(sender))
        && (_program is null || _program.Matches(message.AppName))
        && (_programName is null || _programName.Matches(ProgramName.Of(message.AppName)))
        && (_host is null || _host.Matches(ShownHost.Of(message, reception)))
        && HasTexts(message);

    private bool HasTexts(in SyslogMessage message)
    {
        foreach (TextCondition text in _all)
        {
            if (!text.Holds(message)) return false;
        }
        if (_any is null) return true;
        foreach (TextCondition text in _any)
        {
            if (text.Holds(message)) return true;
        }
        return false;
    }
}
