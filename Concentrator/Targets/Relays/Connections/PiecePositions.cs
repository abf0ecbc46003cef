namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// Turns positions on the network into positions of blocks, where those differ: under TLS, and for lines. A receiver has a message
/// when it has the piece that the message ends in. The writer notes where pieces end, the loop asks; both at any time.
/// </summary>
internal sealed class PiecePositions
{
    /// <summary>
    /// Bytes of a piece: what <c>SslStream</c> of .NET 10 encrypts and writes at once, two records, so that pieces cost no write more.
    /// </summary>
    public const int Piece = 32 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<(long Below, long Above)> _pieces = new();
    private long _acknowledged;

    /// <summary>What of blocks was written up to <paramref name="above"/> ends at <paramref name="below"/> on the network.</summary>
    public void Note(long below, long above)
    {
        lock (_gate) _pieces.Enqueue((below, above));
    }

    /// <summary>So much is acknowledged when the peer has acknowledged all before <paramref name="below"/>.</summary>
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
