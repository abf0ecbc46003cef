namespace Concentrator.Tools.Cluster;

/// <summary>Totals of all members, added up, at one time: each is as old as the record that it comes from.</summary>
/// <param name="HandedOver">Messages that edges know the stream to have: accepted less waiting less dropped.</param>
/// <param name="Settled">Messages that relays have taken off the stream for good.</param>
internal readonly record struct ClusterTotals(long HandedOver, long Settled);

/// <summary>
/// Whether a cluster's ledger balances. What is missing, <c>d = handed over - in the stream - settled</c>, is the same at every moment while nothing goes wrong: zero.
/// The three cannot be read at one moment, but the totals can be read before and after the stream, and they only grow; so
/// <c>handed over before - settled after - in the stream &lt;= d &lt;= handed over after - settled before - in the stream</c>. The ledger balances if zero lies between the two, and
/// in a cluster that is at rest they are the same number.
/// </summary>
/// <param name="Least">The least that may be missing; negative = as much is too many.</param>
/// <param name="Most">The most that may be missing.</param>
internal readonly record struct ClusterBalance(long Least, long Most)
{
    public bool IsBalanced => Least <= 0 && Most >= 0;

    /// <summary>What is missing at least; 0 if perhaps nothing is.</summary>
    public long Missing => Math.Max(0, Least);

    /// <summary>What is too many at least; 0 if perhaps nothing is.</summary>
    public long Surplus => Math.Max(0, -Most);

    /// <summary>Messages that moved while the figures were read: the balance is known no better.</summary>
    public long Moved => Most - Least;

    /// <param name="before">Read before the messages in the stream were counted.</param>
    /// <param name="inStream">Messages in the stream that are not settled.</param>
    /// <param name="after">Read after that. An edge that was started again meanwhile may know less than before.</param>
    public static ClusterBalance Of(ClusterTotals before, long inStream, ClusterTotals after) => new(
        Math.Min(before.HandedOver, after.HandedOver) - Math.Max(before.Settled, after.Settled) - inStream,
        Math.Max(before.HandedOver, after.HandedOver) - Math.Min(before.Settled, after.Settled) - inStream);
}
