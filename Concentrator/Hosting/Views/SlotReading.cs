namespace Concentrator.Hosting.Views;

/// <summary>A counter's last ten minutes, and all that is needed to continue them.</summary>
/// <param name="PerSecond">
/// The averages a second of the finished slots, the oldest first: <see cref="SlotSeries.Slots"/> minus one of them, 0 where nothing was added.
/// </param>
/// <param name="Open">What the slot that is not finished has so far.</param>
/// <param name="Passed">How long that slot has lasted.</param>
/// <param name="Total">The counter.</param>
internal sealed record SlotReading(float[] PerSecond, float Open, TimeSpan Passed, long Total)
{
    /// <summary>The average of the last finished slot.</summary>
    public float Latest => PerSecond[^1];
}
