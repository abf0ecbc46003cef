namespace Concentrator.Bench.Sink;

/// <summary>How an intake can be a bad peer, each when asked for. All counted in frames of the whole sink.</summary>
internal sealed record Misbehaviour
{
    public static readonly Misbehaviour None = new();

    /// <summary>A connection is reset, with whatever it has not read, after so many of its frames; zero never.</summary>
    public long ResetEvery { get; init; }

    /// <summary>When the other three happen: behind so many frames. Each happens once.</summary>
    public long After { get; init; } = 10_000;

    /// <summary>Nothing is read for so long.</summary>
    public TimeSpan Stall { get; init; }

    /// <summary>The connection's own side is closed; what still comes is read.</summary>
    public bool HalfClose { get; init; }

    /// <summary>All connections are reset, and new ones refused for so long.</summary>
    public TimeSpan Refuse { get; init; }

    /// <summary>Bytes a second that one connection reads; zero for all there is.</summary>
    public long Slow { get; init; }
}
