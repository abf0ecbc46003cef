using Concentrator.Accounting;

namespace Concentrator.Routing;

/// <summary>What an output did with a message when it was routed there.</summary>
internal enum StepOutcome : byte
{
    /// <summary>The route has no outputs: it drops the message on purpose.</summary>
    NoOutput,

    /// <summary>It is in the output's queue, at <see cref="TrailStep.Place"/>.</summary>
    Queued,

    /// <summary>The output dropped it at once, for <see cref="TrailStep.Reason"/>.</summary>
    Dropped,

    /// <summary>The output's format leaves nothing of it to deliver.</summary>
    Empty,
}

/// <summary>One output of a route that took the message.</summary>
/// <param name="Route">The position of the route in the configuration, from 0.</param>
/// <param name="Target">The output; null if the route has none.</param>
/// <param name="Outcome">What the output did.</param>
/// <param name="Reason">Valid if it dropped the message.</param>
/// <param name="Place">Valid if it queued the message.</param>
internal readonly record struct TrailStep(int Route, RouteTarget? Target, StepOutcome Outcome, DropReason Reason, QueuePlace Place);

/// <summary>
/// The routes that took one message, and what became of it at their outputs, for those who watch messages. It belongs to the thread that
/// dispatches the message, and is used again for the next. Allocates nothing once it is created.
/// </summary>
internal sealed class RouteTrail
{
    /// <summary>The most steps that are noted: more than a message usually takes. Further ones only set <see cref="IsCut"/>.</summary>
    public const int Most = 32;

    private readonly TrailStep[] _steps = new TrailStep[Most];
    private int _count;
    private int _route;

    public ReadOnlySpan<TrailStep> Steps => _steps.AsSpan(0, _count);

    /// <summary>Whether there were more steps than <see cref="Most"/>.</summary>
    public bool IsCut { get; private set; }

    public void Clear()
    {
        _count = 0;
        IsCut = false;
    }

    /// <summary>The route takes the message; its outputs follow.</summary>
    public void Begin(Route route)
    {
        _route = route.Index;
        if (route.Targets.Length == 0) Add(new TrailStep(_route, null, StepOutcome.NoOutput, default, default));
    }

    /// <summary>The caller holds the output's lock and has just offered it the message.</summary>
    /// <param name="target">The output.</param>
    /// <param name="length">Bytes of the rendered message.</param>
    /// <param name="isQueued">Whether it took the message.</param>
    public void NoteUnsynchronized(RouteTarget target, int length, bool isQueued)
    {
        OutputCounters counters = target.Spool.Counters;
        StepOutcome outcome = isQueued ? StepOutcome.Queued : length == 0 ? StepOutcome.Empty : StepOutcome.Dropped;
        Add(new TrailStep(_route, target, outcome, counters.LastRefusalUnsynchronized, isQueued ? counters.LastPlaceUnsynchronized : default));
    }

    private void Add(in TrailStep step)
    {
        if (_count == Most) IsCut = true;
        else _steps[_count++] = step;
    }
}
