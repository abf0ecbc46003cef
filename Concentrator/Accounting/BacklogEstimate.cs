namespace Concentrator.Accounting;

/// <summary>Forecast for an output's queue, as of the last second; see <see cref="OutputTrend"/>.</summary>
/// <param name="DrainSeconds">
/// Time until the backlog is delivered, at current rates; 0 when there is no significant backlog, infinite while it does not
/// shrink, null while it is not yet known.
/// </param>
/// <param name="AutonomySeconds">
/// How long the queue has room for arrivals if nothing is delivered; infinite when nothing arrives, null while it
/// is not yet known.
/// </param>
internal readonly record struct BacklogEstimate(double? DrainSeconds, double? AutonomySeconds);
