using System.Text;
using Concentrator.Messages;
using Concentrator.Routing;

namespace Concentrator.Taps;

/// <summary>The compiled conditions of a <see cref="TapRequest"/>: checking them allocates nothing. Immutable.</summary>
internal sealed class TapFilter(TapRequest request)
{
    private readonly Glob? _program = request.Program is null ? null : new Glob(request.Program, ignoreCase: false);
    private readonly byte[] _text = Encoding.UTF8.GetBytes(request.Text ?? "");

    /// <summary>Whether all conditions hold, the cheapest checked first.</summary>
    public bool Matches(in TappedMessage tapped) =>
        (request.Severities >> (int)tapped.Message.Severity & 1) != 0
        && (request.Listener is null || request.Listener.Equals(tapped.Listener.Name, StringComparison.OrdinalIgnoreCase))
        && (request.Output is null || TargetIn(tapped.Trail) is not null)
        && (_program is null || _program.Matches(tapped.Message.AppName) || _program.Matches(ProgramName.Of(tapped.Message.AppName)))
        && tapped.Message.Frame.IndexOf(_text) >= 0;

    /// <summary>The output that the request names, as the message's route has it; null if the message did not go there.</summary>
    public RouteTarget? TargetIn(RouteTrail trail)
    {
        foreach (ref readonly TrailStep step in trail.Steps)
        {
            if (step.Target is { } target && target.Spool.Counters.Name.Equals(request.Output, StringComparison.OrdinalIgnoreCase)) return target;
        }
        return null;
    }
}
