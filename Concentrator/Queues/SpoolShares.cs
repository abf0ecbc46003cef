namespace Concentrator.Queues;

/// <summary>
/// <c>Spool:MaxSize</c>, shared evenly by all outputs that have a spool on disk. Any thread may call; a changed number
/// of outputs takes effect at the next block.
/// </summary>
internal sealed class SpoolShares(long total)
{
    private int _outputs;

    /// <summary>Bytes on disk for one output.</summary>
    public long Share => PartOf(total);

    /// <summary>One output's part of <paramref name="bytes"/>.</summary>
    public long PartOf(long bytes) => bytes / Math.Max(1, Volatile.Read(ref _outputs));

    public void Join() => Interlocked.Increment(ref _outputs);

    public void Leave() => Interlocked.Decrement(ref _outputs);
}
