namespace Concentrator.Accounting;

/// <summary>Where an output's queue is going, as of the last second; see <see cref="OutputTrend"/>.</summary>
/// <param name="DrainSeconds">
/// Until the backlog is gone, if things go on as they are; 0 when there is none worth mentioning, infinite while it does not
/// shrink, null while that cannot be said yet.
/// </param>
/// <param name="AutonomySeconds">
/// How long the queue has room for what arrives if nothing is delivered at all; infinite when nothing arrives, null while that
/// cannot be said yet.
/// </param>
internal readonly record struct BacklogEstimate(double? DrainSeconds, double? AutonomySeconds);
