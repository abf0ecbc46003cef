using System.Net.Sockets;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>The network stream below TLS; counts the bytes written to it, which the peer's TCP has to acknowledge.</summary>
internal sealed class CountingStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private long _written;

    /// <summary>Bytes handed to the kernel so far. Any thread may read.</summary>
    public long BytesWritten => Interlocked.Read(ref _written);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        Interlocked.Add(ref _written, buffer.Length);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        base.Write(buffer, offset, count);
        Interlocked.Add(ref _written, count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        base.Write(buffer);
        Interlocked.Add(ref _written, buffer.Length);
    }
}
