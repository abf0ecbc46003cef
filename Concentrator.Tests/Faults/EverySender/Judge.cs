namespace Concentrator.Tests.Faults.EverySender;

/// <summary>
/// Compares what was promised with what came, when all senders have ended and all queues are empty. Promised is all that a kernel took
/// of what was sent to a socket that outlives the server, or over a connection that ended in order; in the last life, which nobody
/// killed, over every connection. Of all other connections what came must be a beginning, without a gap.
/// </summary>
internal sealed class Judge(SeriesBook book)
{
    /// <summary>What an output's frame has in front of the text, at most, in this scenario.</summary>
    private const int LongestHeader = 300;

    private const int MostShown = 20;

    private readonly IReadOnlyList<Series> _all = book.All();
    private readonly int _lastLife = book.Lives.Current;

    public IEnumerable<Series> LastLife => _all.Where(series => series.Life == _lastLife && series.Attempted > 0);

    /// <summary>Connections that failed though their server lived.</summary>
    public IReadOnlyList<string> FailedConnections() =>
        [.. LastLife.Where(static series => !series.EndedAsMeant).Select(static series => $"{series.Kind}: connection {series.Id} of the last life failed after {series.Sent}")];

    /// <summary>What is wrong at a receiver; empty when nothing is.</summary>
    /// <param name="limit">Bytes of a frame, or a line, above which the text may be cut.</param>
    /// <param name="concerns">The series that should reach it.</param>
    /// <param name="isCounted">Whether a message that did not come is accounted for.</param>
    public IReadOnlyList<string> Faults(Arrivals arrivals, Func<Series, int> limit, Func<Series, bool> concerns, Func<Series, Mark, bool> isCounted)
    {
        List<string> faults = [.. arrivals.Glued.Select(static line => $"glued: {line}")];
        if (arrivals.Unmarked > 0) faults.Add($"{arrivals.Unmarked} messages that nobody sent");
        foreach (Series series in _all.Where(concerns)) faults.AddRange(FaultsOf(series, arrivals, limit(series), isCounted));
        return faults.Count <= MostShown ? faults : [.. faults.Take(MostShown), $"... and {faults.Count - MostShown} more"];
    }

    public bool IsPromised(Series series) => series.IsKept || (series.Life == _lastLife && series.EndedAsMeant);

    private IEnumerable<string> FaultsOf(Series series, Arrivals arrivals, int limit, Func<Series, Mark, bool> isCounted)
    {
        int highest = arrivals.Highest(series.Id);
        if (highest >= series.Attempted) yield return $"{series.Kind}: {series.Id}.{highest} was never sent";
        bool isPromised = IsPromised(series);
        int most = Math.Max(isPromised ? series.Sent : 0, highest + 1);
        for (int number = 0; number < most; number++)
        {
            Mark mark = new(series.Id, number);
            if (!arrivals.Has(mark))
            {
                if (!isCounted(series, mark)) yield return $"{series.Kind}: {mark} is missing; {series.Sent} sent, life {series.Life}, {Ended(series)}";
                continue;
            }
            bool mayBeCut = series.Length(number) + LongestHeader > limit || number == series.Unfinished || (!isPromised && number == highest);
            if (!mayBeCut && !arrivals.HasWhole(mark)) yield return $"{series.Kind}: {mark} is cut; life {series.Life}, {Ended(series)}";
        }
    }

    private static string Ended(Series series) => series.IsKept ? "kept" : series.EndedAsMeant ? "ended as meant" : "broken";
}
