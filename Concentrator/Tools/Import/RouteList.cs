namespace Concentrator.Tools.Import;

/// <summary>The routes made so far, in their order. What follows a route under the same condition is added to it.</summary>
internal sealed class RouteList
{
    private readonly List<ImportedRoute> _routes = [];

    public IReadOnlyList<ImportedRoute> All => _routes;

    /// <summary>Sends the messages of a condition to an output.</summary>
    public void Send(RouteCondition under, ActionTarget target, RsyslogStatement action)
    {
        if (_routes is [.., { Stop: false } last] && last.Condition.Equals(under) && last.IntakeKey == target.IntakeKey && !last.To.Contains(target.Output))
        {
            _routes[^1] = last with { To = [.. last.To, target.Output], Actions = [.. last.Actions, action] };
            return;
        }
        _routes.Add(new ImportedRoute(under, target.IntakeKey, [target.Output], action.Origin) { Actions = [action] });
    }

    /// <summary>Withholds the messages of a condition from all later routes.</summary>
    /// <param name="under">The condition.</param>
    /// <param name="stop">The statement that asks for it; null = none.</param>
    public void Stop(RouteCondition under, RsyslogStatement? stop)
    {
        if (_routes is [.., { } last] && last.Condition.Equals(under))
        {
            _routes[^1] = last with { Stop = true, Actions = stop is null ? last.Actions : [.. last.Actions, stop] };
            return;
        }
        _routes.Add(new ImportedRoute(under, null, [], stop is null ? "" : stop.Origin) { Stop = true, Actions = stop is null ? [] : [stop] });
    }

    /// <summary>Adds routes by <paramref name="add"/>; where that fails, everything is as before.</summary>
    public bool Try(Func<bool> add)
    {
        int count = _routes.Count;
        ImportedRoute? last = _routes.LastOrDefault();
        if (add()) return true;
        CutTo(count);

        // Outputs may have been added to it since.
        if (last is not null) _routes[^1] = last;
        return false;
    }

    /// <summary>Removes all routes but the first.</summary>
    /// <param name="count">How many remain.</param>
    public void CutTo(int count) => _routes.RemoveRange(count, _routes.Count - count);
}
