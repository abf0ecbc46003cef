namespace Concentrator.Bench.Sink;

/// <summary>Faults that an intake shows on request. Frames are counted over the whole sink, except for resets.</summary>
internal sealed record Misbehaviour
{
    public static readonly Misbehaviour None = new();

    /// <summary>Resets a connection, with any unread bytes, after so many of its own frames; zero means never.</summary>
    public long ResetEvery { get; init; }

    /// <summary>The number of frames after which the other three faults happen, once each.</summary>
    public long After { get; init; } = 10_000;

    /// <summary>How long nothing is read.</summary>
    public TimeSpan Stall { get; init; }

    /// <summary>Closes the connection's sending side, and continues to read.</summary>
    public bool HalfClose { get; init; }

    /// <summary>Resets all connections, and refuses new ones for so long.</summary>
    public TimeSpan Refuse { get; init; }

    /// <summary>Bytes per second that each connection reads; zero for no limit.</summary>
    public long Slow { get; init; }
}
