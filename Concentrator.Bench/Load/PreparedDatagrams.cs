using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Bench.Load;

/// <summary>
/// Prepared datagrams in unmanaged memory, each with its destination, in the layout of <c>sendmmsg</c>. Sending does not allocate. Not
/// thread-safe.
/// </summary>
internal sealed unsafe partial class PreparedDatagrams : IDisposable
{
    private readonly byte* _bytes;
    private readonly MessageHeader* _headers;
    private readonly IoVector* _vectors;
    private readonly byte* _address;
    private readonly int[] _offsets;
    private readonly int[] _lengths;

    /// <param name="datagrams">The contents.</param>
    /// <param name="destination">As the kernel takes it. Stored in each header, so that it is looked up for every datagram, as for HAProxy.</param>
    public PreparedDatagrams(IReadOnlyList<byte[]> datagrams, ReadOnlySpan<byte> destination)
    {
        Count = datagrams.Count;
        _offsets = new int[Count];
        _lengths = [.. datagrams.Select(static datagram => datagram.Length)];
        for (int i = 1; i < Count; i++) _offsets[i] = _offsets[i - 1] + _lengths[i - 1];
        _bytes = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, _lengths.Sum(static length => (long)length)));
        _headers = (MessageHeader*)NativeMemory.AllocZeroed((nuint)Count, (nuint)sizeof(MessageHeader));
        _vectors = (IoVector*)NativeMemory.AllocZeroed((nuint)Count, (nuint)sizeof(IoVector));
        _address = (byte*)NativeMemory.Alloc((nuint)destination.Length);
        destination.CopyTo(new Span<byte>(_address, destination.Length));
        for (int i = 0; i < Count; i++)
        {
            datagrams[i].CopyTo(this[i]);
            _vectors[i] = new IoVector { Base = _bytes + _offsets[i], Length = (nuint)_lengths[i] };
            _headers[i] = new MessageHeader
            {
                Name = _address,
                NameLength = (uint)destination.Length,
                Vectors = _vectors + i,
                VectorCount = 1,
            };
        }
    }

    public int Count { get; }

    /// <summary>The bytes of one datagram, which may be changed between calls.</summary>
    public Span<byte> this[int index] => new(_bytes + _offsets[index], _lengths[index]);

    /// <summary>
    /// Calls <c>sendmmsg</c>. Returns the number of datagrams that the kernel accepted before the first refusal, or -1 if it refused the
    /// first one (see <see cref="Marshal.GetLastPInvokeError"/>).
    /// </summary>
    public int SendRun(Socket socket, int first, int count, int flags)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)first + (uint)count, (uint)Count);
        return SendMany(socket.SafeHandle, _headers + first, (uint)count, flags);
    }

    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        NativeMemory.Free(_headers);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_address);
    }

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(SafeHandle socket, MessageHeader* headers, uint count, int flags);
}
