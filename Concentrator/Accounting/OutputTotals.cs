namespace Concentrator.Accounting;

/// <summary>
/// An output's figures since its totals began, over all its processes, at one moment. What it has handed over is
/// <c>Accepted - Waiting - Dropped</c>.
/// </summary>
/// <param name="Accepted">Messages that entered its queue, or were dropped at its door. A message of which there is nothing to deliver is none.</param>
/// <param name="Waiting">Messages in the queue, or on their way and not acknowledged.</param>
/// <param name="Dropped">Indexed by <see cref="DropReason"/>.</param>
internal readonly record struct OutputTotals(long Accepted, long Waiting, IReadOnlyList<long> Dropped);
