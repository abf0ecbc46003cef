namespace Concentrator.Tests.Faults.EverySender;

/// <summary>All series of a soak. Any thread may begin one.</summary>
internal sealed class SeriesBook(Lives lives)
{
    private readonly Lock _gate = new();
    private readonly List<Series> _all = [];

    public Lives Lives { get; } = lives;

    /// <summary>What is sent to a socket that outlives every server.</summary>
    public Series BeginKept(string kind)
    {
        Series series = Begin(kind, Lives.All);
        series.IsKept = true;
        return series;
    }

    /// <summary>What is sent over a connection that is made from now on.</summary>
    public Series BeginConnection(string kind) => Begin(kind, Lives.Current);

    public IReadOnlyList<Series> All()
    {
        lock (_gate) return [.. _all];
    }

    private Series Begin(string kind, int life)
    {
        lock (_gate)
        {
            Series series = new(_all.Count, kind, life);
            _all.Add(series);
            return series;
        }
    }
}
