namespace Concentrator.Routing;

/// <summary>The route table in force for one listener. A reload replaces it; lanes pick the new one up at their next batch.</summary>
internal sealed class ListenerRoutes(Action onUnrouted)
{
    private RouteTable _table = RouteTable.Empty;
    private int _unroutedReported;

    public RouteTable Table
    {
        get => Volatile.Read(ref _table);
        set
        {
            Volatile.Write(ref _table, value);
            Volatile.Write(ref _unroutedReported, 0);
        }
    }

    /// <summary>Reports the first message that no route took; the counter has the total.</summary>
    public void ReportUnrouted()
    {
        if (Interlocked.Exchange(ref _unroutedReported, 1) == 0) onUnrouted();
    }
}
