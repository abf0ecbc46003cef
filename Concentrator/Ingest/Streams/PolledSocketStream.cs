using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// The bytes of a connection's socket. A read waits at the <see cref="PolledSocket"/> and never blocks; a read of no bytes
/// waits and takes nothing, so a waiting connection holds no buffer. One loop at a time may read, and one may write. The caller owns the
/// socket.
/// </summary>
internal sealed class PolledSocketStream : Stream
{
    /// <summary>Only a TLS handshake writes, and its answers fit into an empty send buffer, unless the peer reads none.</summary>
    private static readonly TimeSpan WritePause = TimeSpan.FromMilliseconds(5);

    private readonly Socket _socket;
    private readonly PolledSocket _polled;

    // The wait has ended, and nothing has been read since.
    private bool _isReady;

    // The first write that failed, because the peer is gone. Writes and reads of a handshake alternate.
    private SocketError _writeError = SocketError.Success;

    public PolledSocketStream(Socket socket, PolledSocket polled)
    {
        _socket = socket;
        _polled = polled;
        socket.Blocking = false;
    }

    /// <summary>Continue on the thread pool, and wake on cancellation: for work that would delay other streams (a handshake).</summary>
    public bool LeavesThread { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (!_isReady)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (LeavesThread) await LeaveAndWaitAsync(cancellationToken).ConfigureAwait(false);
                else await _polled.WaitAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
            _isReady = buffer.IsEmpty;
            if (buffer.IsEmpty) return 0;
            int read = _socket.Receive(buffer.Span, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock) continue;
            if (read == 0 && error == SocketError.Success) error = _writeError;
            if (error != SocketError.Success) throw new IOException(new SocketException((int)error).Message, new SocketException((int)error));
            _polled.HasRead(read, isAll: read < buffer.Length);
            return read;
        }
    }

    /// <summary>
    /// A failed write does not throw: the peer may have sent everything before it closed. A client that writes and closes leaves a TLS 1.3
    /// server's session tickets unread, which its kernel answers with a reset. What it sent can still be read; then the read fails.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int written = _socket.Send(buffer.Span, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock) await Task.Delay(WritePause, cancellationToken).ConfigureAwait(false);
            else if (error == SocketError.Success) buffer = buffer[written..];
            else
            {
                _writeError = error;
                return;
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("reads wait for their turn: ReadAsync");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("writes do not block: WriteAsync");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task LeaveAndWaitAsync(CancellationToken cancellationToken)
    {
        using (cancellationToken.Register(_polled.Interrupt)) await _polled.WaitAsync().ConfigureAwait(false);
        await Task.Yield();
    }
}
