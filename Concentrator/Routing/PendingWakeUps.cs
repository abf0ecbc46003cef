namespace Concentrator.Routing;

/// <summary>The outputs that several lanes have queued to but not woken yet, to wake once for all of them. Used by one thread.</summary>
internal sealed class PendingWakeUps
{
    private RouteTable _table = RouteTable.Empty;
    private ulong _touched;

    /// <param name="table">If it differs from the table of what was gathered, that is published first.</param>
    /// <param name="touched">The table's outputs that have something new.</param>
    public void Add(RouteTable table, ulong touched)
    {
        if (table != _table) Flush();
        _table = table;
        _touched |= touched;
    }

    /// <summary>Wakes the outputs that have something new.</summary>
    public void Flush()
    {
        _table.Publish(_touched);
        _table = RouteTable.Empty;
        _touched = 0;
    }
}
