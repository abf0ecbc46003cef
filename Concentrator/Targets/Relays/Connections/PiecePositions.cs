namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// Maps positions on the network to positions in blocks where they differ: under TLS, and for lines. A receiver has a message
/// when it has the piece in which the message ends. The writer records the ends of pieces and the loop queries them, concurrently.
/// </summary>
internal sealed class PiecePositions
{
    /// <summary>
    /// Size of a piece in bytes: what <c>SslStream</c> of .NET 10 encrypts and writes at once, two records, so pieces add no writes.
    /// </summary>
    public const int Piece = 32 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<(long Below, long Above)> _pieces = new();
    private long _acknowledged;

    /// <summary>The block bytes written up to <paramref name="above"/> end at <paramref name="below"/> on the network.</summary>
    public void Note(long below, long above)
    {
        lock (_gate) _pieces.Enqueue((below, above));
    }

    /// <summary>Returns the acknowledged block position once the peer has acknowledged all before <paramref name="below"/>.</summary>
    public long Above(long below)
    {
        lock (_gate)
        {
            while (_pieces.TryPeek(out (long Below, long Above) piece) && piece.Below <= below)
            {
                _acknowledged = piece.Above;
                _pieces.Dequeue();
            }
            return _acknowledged;
        }
    }
}
