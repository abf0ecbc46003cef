using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// The network below a TLS layer that one thread reads and another closes: OpenSSL takes two at a time for a broken connection.
/// Who reads the layer holds the turn, and lends it to others while there is nothing to read.
/// </summary>
internal sealed class TurnTakingStream(Socket socket, SemaphoreSlim turn) : NetworkStream(socket, ownsSocket: false)
{
    /// <summary>From the end of the hand-shake on, in which nobody else takes part.</summary>
    public bool TakesTurns { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!TakesTurns) return await base.ReadAsync(buffer, cancellationToken);
        turn.Release();
        try
        {
            return await base.ReadAsync(buffer, cancellationToken);
        }
        finally
        {
            await turn.WaitAsync(CancellationToken.None);
        }
    }
}
