namespace Concentrator.JetStream.ClusterLedger;

/// <summary>Drops by reason, for a record.</summary>
internal static class LedgerDrops
{
    /// <summary>The reasons for which something was dropped.</summary>
    /// <param name="dropped">Messages, by the number of the reason.</param>
    /// <param name="name">Names a reason.</param>
    public static IReadOnlyList<LedgerDrop> Of(IReadOnlyList<long> dropped, Func<int, string> name) =>
        [.. Enumerable.Range(0, dropped.Count).Where(reason => dropped[reason] > 0).Select(reason => new LedgerDrop(name(reason), dropped[reason]))];
}
