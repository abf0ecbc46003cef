using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Concentrator.Ingest.DatagramCalls;

namespace Concentrator.Bench.Load;

/// <summary>
/// Prepared datagrams in memory of its own, as <c>sendmmsg</c> takes them: a call sends a run of them. One thread.
/// </summary>
internal sealed unsafe partial class DatagramBatch : IDisposable
{
    private const int NoSignal = 0x4000;

    private readonly byte* _bytes;
    private readonly MessageHeader* _headers;
    private readonly IoVector* _vectors;
    private readonly byte* _address;
    private readonly int[] _offsets;
    private readonly int[] _lengths;

    /// <param name="datagrams">The contents.</param>
    /// <param name="address">Looked up for each datagram, as HAProxy does; null for a connected socket.</param>
    public DatagramBatch(IReadOnlyList<byte[]> datagrams, EndPoint? address)
    {
        Count = datagrams.Count;
        _offsets = new int[Count];
        _lengths = [.. datagrams.Select(static datagram => datagram.Length)];
        for (int i = 1; i < Count; i++) _offsets[i] = _offsets[i - 1] + _lengths[i - 1];
        _bytes = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, _lengths.Sum(static length => (long)length)));
        _headers = (MessageHeader*)NativeMemory.AllocZeroed((nuint)Count, (nuint)sizeof(MessageHeader));
        _vectors = (IoVector*)NativeMemory.AllocZeroed((nuint)Count, (nuint)sizeof(IoVector));
        SocketAddress? name = address?.Serialize();
        if (name is not null)
        {
            _address = (byte*)NativeMemory.Alloc((nuint)name.Size);
            name.Buffer.Span[..name.Size].CopyTo(new Span<byte>(_address, name.Size));
        }
        for (int i = 0; i < Count; i++)
        {
            datagrams[i].CopyTo(this[i]);
            _vectors[i] = new IoVector { Base = _bytes + _offsets[i], Length = (nuint)_lengths[i] };
            _headers[i] = new MessageHeader
            {
                Name = _address,
                NameLength = (uint)(name?.Size ?? 0),
                Vectors = _vectors + i,
                VectorCount = 1,
            };
        }
    }

    public int Count { get; }

    /// <summary>The bytes of one datagram, to be patched between two calls.</summary>
    public Span<byte> this[int index] => new(_bytes + _offsets[index], _lengths[index]);

    /// <summary>
    /// Sends the datagrams from <paramref name="first"/> on; returns how many the kernel took before the first that it did not,
    /// or -1 if that was the first one, with the error in <see cref="Marshal.GetLastPInvokeError"/>.
    /// </summary>
    public int Send(Socket socket, int first, int count, bool wait)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)first + (uint)count, (uint)Count);
        return SendMany(socket.SafeHandle, _headers + first, (uint)count, NoSignal | (wait ? 0 : DontWait));
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
